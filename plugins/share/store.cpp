#include "store.hpp"

namespace postern::share {
namespace {

constexpr std::string_view kShare =
    "select id, title, message, from_name, from_email, created_by, created_by_name, created_at, revoked_at "
    "from share_shares ";

Share to_share(const Row& row) {
  Share share;
  std::tie(share.id, share.title, share.message, share.from_name, share.from_email, share.created_by,
           share.created_by_name, share.created, share.revoked) =
      row.as<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
             Timestamp, Timestamp>();
  return share;
}

SharedDocument to_document(const Row& row) {
  SharedDocument document;
  std::tie(document.id, document.version, document.name, document.type, document.bytes) =
      row.as<std::string, std::uint32_t, std::string, std::string, std::int64_t>();
  return document;
}

Result<std::vector<SharedDocument>> documents_of(Tx tx, std::string_view share) {
  POSTERN_TRY(const Rows rows, tx.rows("select document_id, version, name, type, bytes from share_documents "
                                       "where share_id = :share order by position",
                                       {share}));
  std::vector<SharedDocument> documents;
  documents.reserve(rows.size());
  for (const Row& row : rows) documents.push_back(to_document(row));
  return documents;
}

}  // namespace

Result<void> Store::add(Tx tx, const Share& share) {
  POSTERN_CHECK(
      tx.execute("insert into share_shares (id, title, message, from_name, from_email, created_by, "
                 "created_by_name, created_at, revoked_at) values (:id, :title, :message, :from_name, "
                 ":from_email, :created_by, :created_by_name, :created_at, 0)",
                 {share.id, share.title, share.message, share.from_name, share.from_email, share.created_by,
                  share.created_by_name, share.created}));
  std::int64_t position = 0;
  for (const SharedDocument& document : share.documents) {
    POSTERN_CHECK(tx.execute(
        "insert into share_documents (share_id, position, document_id, version, name, type, bytes) "
        "values (:share, :position, :document, :version, :name, :type, :bytes)",
        {share.id, ++position, document.id, document.version, document.name, document.type, document.bytes}));
  }
  return {};
}

Result<void> Store::add_recipient(Tx tx, std::string_view share, const SharedWith& recipient) {
  POSTERN_CHECK(tx.execute(
      "insert into share_recipients (share_id, link_id, name, email, message_id, notified_at) "
      "values (:share, :link, :name, :email, :message, :notified)",
      {share, recipient.link, recipient.name, recipient.email, recipient.message, recipient.notified}));
  return {};
}

Result<Share> Store::find_for_page(Tx tx, std::string_view id) {
  POSTERN_TRY(const auto row, tx.row(std::string(kShare) + "where id = :id", {id}));
  if (!row) return {Code::not_found, "there is no such share"};
  Share share = to_share(*row);
  POSTERN_TRY(share.documents, documents_of(tx, id));
  return share;
}

Result<Share> Store::find(Tx tx, std::string_view id) {
  POSTERN_TRY(Share share, find_for_page(tx, id));
  POSTERN_TRY(const Rows rows,
              tx.rows("select link_id, name, email, message_id, notified_at from share_recipients "
                      "where share_id = :share order by link_id",
                      {id}));
  for (const Row& row : rows) {
    SharedWith recipient;
    std::tie(recipient.link, recipient.name, recipient.email, recipient.message, recipient.notified) =
        row.as<std::string, std::string, std::string, std::string, Timestamp>();
    share.recipients.push_back(std::move(recipient));
  }
  return share;
}

Result<std::optional<SharedDocument>> Store::find_document(Tx tx, std::string_view share,
                                                           std::string_view document) {
  POSTERN_TRY(const auto row, tx.row("select document_id, version, name, type, bytes from share_documents "
                                     "where share_id = :share and document_id = :document",
                                     {share, document}));
  if (!row) return std::optional<SharedDocument>();
  return std::optional<SharedDocument>(to_document(*row));
}

Result<std::vector<Share>> Store::list(Tx tx, const ShareFilter& filter) {
  // Every id sorts below "z", in every collation, so that the first page needs no statement of its own.
  const std::string before = filter.before.empty() ? "z" : filter.before;
  std::string sql(kShare);
  sql += "where id < :before ";
  Result<Rows> rows = [&]() -> Result<Rows> {
    constexpr std::string_view kOrder = "order by id desc limit :limit";
    constexpr std::string_view kEmail =
        "and id in (select share_id from share_recipients where email = :email) ";
    constexpr std::string_view kDocument =
        "and id in (select share_id from share_documents where document_id = :document) ";
    if (!filter.email.empty()) sql += kEmail;
    if (!filter.document.empty()) sql += kDocument;
    sql += kOrder;
    if (!filter.email.empty() && !filter.document.empty())
      return tx.rows(sql, {before, filter.email, filter.document, filter.limit});
    if (!filter.email.empty()) return tx.rows(sql, {before, filter.email, filter.limit});
    if (!filter.document.empty()) return tx.rows(sql, {before, filter.document, filter.limit});
    return tx.rows(sql, {before, filter.limit});
  }();
  if (!rows.ok()) return std::move(rows).error();
  std::vector<Share> shares;
  for (const Row& row : *rows) {
    shares.push_back(to_share(row));
    POSTERN_TRY(shares.back().documents, documents_of(tx, shares.back().id));
  }
  return shares;
}

Result<void> Store::set_revoked(Tx tx, std::string_view id, Timestamp at) {
  POSTERN_CHECK(
      tx.execute("update share_shares set revoked_at = :at where id = :id and revoked_at = 0", {at, id}));
  return {};
}

Result<void> Store::set_message(Tx tx, std::string_view link, std::string_view message, Timestamp at) {
  POSTERN_CHECK(
      tx.execute("update share_recipients set message_id = :message, notified_at = :at where link_id = :link",
                 {message, at, link}));
  return {};
}

}  // namespace postern::share
