// Accounts, folders and documents as rows. Writers of one firm run one at a time (see database.hpp), so a
// look before an insert is enough, and its message can name what is in the way.
#include "host/services/documents.hpp"

#include "host/services/id.hpp"
#include "host/services/names.hpp"

namespace postern::services {
namespace {

constexpr std::string_view kAccountColumns = "id, kind, name, email, created_at";
constexpr std::string_view kFolderColumns = "id, account_id, parent_id, name, created_at";
constexpr std::string_view kVersionColumns =
    "d.id, d.account_id, d.folder_id, d.name, v.original_name, v.version, d.versions, v.blob_id, v.bytes, "
    "v.sha256, "
    "v.crc32, v.type, v.wrapped_key, v.created_at, v.created_by";
constexpr std::string_view kVersionTables =
    " from documents d join document_versions v on v.document_id = d.id";

std::string select(std::string_view columns, std::string_view rest) {
  std::string sql = "select ";
  return sql.append(columns).append(rest);
}

std::string select_versions(std::string_view rest) {
  std::string sql = select(kVersionColumns, kVersionTables);
  return sql.append(rest);
}

std::string_view name_of(AccountKind kind) { return kind == AccountKind::client ? "client" : "guest"; }

Account account_of(const db::Row& row) {
  return {row[0].text(), row[1].text() == "guest" ? AccountKind::guest : AccountKind::client, row[2].text(),
          row[3].text(), Timestamp{row[4].integer()}};
}

Folder folder_of(const db::Row& row) {
  return {row[0].text(), row[1].text(), row[2].text(), row[3].text(), Timestamp{row[4].integer()}};
}

Document document_of(const db::Row& row) {
  Document document;
  document.id = row[0].text();
  document.account = row[1].text();
  document.folder = row[2].text();
  document.name = row[3].text();
  document.original_name = row[4].text();
  document.version = static_cast<std::uint32_t>(row[5].integer());
  document.versions = static_cast<std::uint32_t>(row[6].integer());
  document.blob = {row[7].text(),     row[8].integer(), row[9].text(),
                   row[10].integer(), row[11].text(),   row[12].text()};
  document.created = Timestamp{row[13].integer()};
  document.created_by = row[14].text();
  return document;
}

template <class T, class F>
std::vector<T> all(const db::Rows& rows, F&& make) {
  std::vector<T> found;
  found.reserve(rows.size());
  for (const db::Row& row : rows) found.push_back(make(row));
  return found;
}

std::int64_t limit_of(const Page& page) { return std::clamp(page.limit, 1, 1000); }

/// The sentence when nothing has that id. A stranger's text is named only when it looks like an id.
Error missing(std::string_view what, std::string_view id, std::string_view field) {
  std::string sentence = "There is no " + std::string(what);
  sentence +=
      is_id(id) ? " with the id " + std::string(id) + "." : " with that id; an id has the form of a UUID.";
  return {Code::not_found, std::move(sentence), std::string(field)};
}

/// A JSON string (RFC 8259 section 7) of valid UTF-8.
std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      json += c;
    } else {
      json += "\\u00" + crypto::hex(crypto::bytes({&c, 1}));
    }
  }
  return json + "\"";
}

}  // namespace

DocumentInfo Document::info() const {
  DocumentInfo view;
  view.version = version;
  view.id = id;
  view.account = account;
  view.folder = folder;
  view.name = name;
  view.type = blob.type;
  view.sha256 = blob.sha256;
  view.bytes = blob.bytes;
  view.created = created;
  return view;
}

Result<Account> Documents::create_account(db::HostTransaction& transaction, AccountKind kind,
                                          std::string_view name, std::string_view email) const {
  POSTERN_TRY(std::string line, clean_line(name, kNameLimit, "name"));
  if (!email.empty() && !is_email(email))
    return {Code::invalid, "The email is not an address such as name@example.com of at most 254 characters.",
            "email"};
  Account account{new_id(transaction.now), kind, std::move(line), std::string(email), transaction.now};
  transaction.change(
      "insert into accounts (id, kind, name, email, created_at) values (:id, :kind, :name, :email, :at)",
      {account.id, name_of(kind), account.name, account.email, account.created});
  audit_.append(transaction, "", "account.created", account.id,
                "{\"kind\":" + quoted(name_of(kind)) + ",\"name\":" + quoted(account.name) + "}");
  return account;
}

Result<Account> Documents::account(db::HostTransaction& transaction, std::string_view id) const {
  if (is_id(id))
    if (const auto row = transaction.row(select(kAccountColumns, " from accounts where id = :id"), {id}))
      return account_of(*row);
  return missing("account", id, "account");
}

std::vector<Account> Documents::accounts(db::HostTransaction& transaction, const Page& page) const {
  return all<Account>(
      transaction.rows(select(kAccountColumns, " from accounts where id > :after order by id limit :n"),
                       {page.after, limit_of(page)}),
      account_of);
}

Result<Folder> Documents::create_folder(db::HostTransaction& transaction, std::string_view account_id,
                                        std::string_view parent, std::string_view name) const {
  POSTERN_TRY(const Account owner, account(transaction, account_id));
  if (!parent.empty()) {
    const auto above = folder(transaction, parent);
    if (!above.ok() || above->account != owner.id) return missing("folder", parent, "parent");
  }
  POSTERN_TRY(const std::string line, clean_line(name, kNameLimit, "name"));
  Folder made{new_id(transaction.now), owner.id, std::string(parent), clean_name(line), transaction.now};
  if (transaction.row(
          "select id from folders where account_id = :account and parent_id = :parent and name = :name",
          {made.account, made.parent, made.name}))
    return {Code::conflict,
            "There is already a folder named \"" + made.name + "\" here; choose another name.", "name"};
  transaction.change(
      "insert into folders (id, account_id, parent_id, name, created_at) values (:id, :account, :parent, "
      ":name, :at)",
      {made.id, made.account, made.parent, made.name, made.created});
  audit_.append(transaction, "", "folder.created", made.id,
                "{\"account\":" + quoted(made.account) + ",\"name\":" + quoted(made.name) + "}");
  return made;
}

Result<Folder> Documents::folder(db::HostTransaction& transaction, std::string_view id) const {
  if (is_id(id))
    if (const auto row = transaction.row(select(kFolderColumns, " from folders where id = :id"), {id}))
      return folder_of(*row);
  return missing("folder", id, "folder");
}

std::vector<Folder> Documents::folders(db::HostTransaction& transaction, std::string_view account_id,
                                       const Page& page) const {
  return all<Folder>(transaction.rows(select(kFolderColumns,
                                             " from folders where account_id = :account and id > :after "
                                             "order by id limit :n"),
                                      {account_id, page.after, limit_of(page)}),
                     folder_of);
}

Result<Document> Documents::add(db::HostTransaction& transaction, std::string_view folder_id,
                                std::string_view name, const Blob& blob, std::string_view created_by) const {
  POSTERN_TRY(const Folder place, folder(transaction, folder_id));
  Document added;
  added.account = place.account;
  added.folder = place.id;
  added.name = clean_name(name);
  added.original_name = valid_text(name, kOriginalNameLimit);
  added.blob = blob;
  added.created = transaction.now;
  added.created_by = created_by;
  if (const auto row =
          transaction.row("select id, versions from documents where folder_id = :folder and name = :name",
                          {added.folder, added.name})) {
    added.id = (*row)[0].text();
    added.version = static_cast<std::uint32_t>((*row)[1].integer() + 1);
    transaction.change("update documents set versions = :versions where id = :id",
                       {std::int64_t{added.version}, added.id});
  } else {
    added.id = new_id(transaction.now);
    transaction.change(
        "insert into documents (id, account_id, folder_id, name, versions, created_at) "
        "values (:id, :account, :folder, :name, 1, :at)",
        {added.id, added.account, added.folder, added.name, added.created});
  }
  added.versions = added.version;
  transaction.change(
      "insert into document_versions (document_id, version, original_name, blob_id, bytes, sha256, crc32, "
      "type, "
      "wrapped_key, created_at, created_by) "
      "values (:id, :version, :original, :blob, :bytes, :sha256, :crc32, :type, :key, :at, :by)",
      {added.id, std::int64_t{added.version}, added.original_name, blob.id, blob.bytes, blob.sha256,
       blob.crc32, blob.type, blob.wrapped_key, added.created, added.created_by});
  audit_.append(transaction, "", "document.added", added.id,
                "{\"name\":" + quoted(added.name) + ",\"version\":" + std::to_string(added.version) +
                    ",\"bytes\":" + std::to_string(blob.bytes) + ",\"sha256\":" + quoted(blob.sha256) + "}");
  return added;
}

Result<Document> Documents::document(db::HostTransaction& transaction, std::string_view id,
                                     std::uint32_t version) const {
  if (is_id(id)) {
    const auto row =
        version == 0 ? transaction.row(select_versions(" where d.id = :id and v.version = d.versions"), {id})
                     : transaction.row(select_versions(" where d.id = :id and v.version = :version"),
                                       {id, std::int64_t{version}});
    if (row) return document_of(*row);
    if (version != 0 && transaction.row("select id from documents where id = :id", {id}))
      return {Code::not_found,
              "The document " + std::string(id) + " has no version " + std::to_string(version) + ".",
              "version"};
  }
  return missing("document", id, "document");
}

std::vector<Document> Documents::documents(db::HostTransaction& transaction, std::string_view folder_id,
                                           const Page& page) const {
  return all<Document>(
      transaction.rows(select_versions(" where d.folder_id = :folder and v.version = d.versions "
                                       "and d.id > :after order by d.id limit :n"),
                       {folder_id, page.after, limit_of(page)}),
      document_of);
}

std::vector<Document> Documents::versions(db::HostTransaction& transaction, std::string_view id) const {
  return all<Document>(transaction.rows(select_versions(" where d.id = :id order by v.version"), {id}),
                       document_of);
}

bool Documents::knows_blob(db::HostTransaction& transaction, std::string_view blob) const {
  return transaction.row("select document_id from document_versions where blob_id = :blob", {blob})
      .has_value();
}

}  // namespace postern::services
