// Documents: accounts, folders and documents with versions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/database/database.hpp"
#include "host/services/audit.hpp"
#include "host/services/blobs.hpp"
#include "postern/documents.hpp"
#include "postern/door.hpp"

namespace postern::services {

enum class AccountKind : std::uint8_t { client, guest };

struct Account {
  std::string id;
  AccountKind kind = AccountKind::client;
  std::string name;
  std::string email;  // may be empty
  Timestamp created;
};

struct Folder {
  std::string id;
  std::string account;
  std::string parent;  // empty: the account's top
  std::string name;
  Timestamp created;
};

struct Document {
  std::string id;
  std::string account;
  std::string folder;
  std::string name;           // cleaned: NFC, no control or direction characters, no path separators
  std::string original_name;  // as it was sent
  std::uint32_t version = 1;
  std::uint32_t versions = 1;
  Blob blob;
  Timestamp created;   // of this version
  std::string created_by;  // member id, or "link:<id>"
  DocumentInfo info() const;  // views into this object
};

/// NFC, without control, direction and separator characters, at most 200 bytes kept whole at code points, never empty,
/// never "." or "..", no trailing dots or spaces, Windows' reserved names prefixed with '_'.
std::string clean_name(std::string_view name);

/// Content-Disposition with an ASCII fallback and a UTF-8 name (RFC 6266, RFC 8187).
std::string content_disposition(std::string_view name, Disposition disposition);

/// The type to serve and whether it may be shown in the browser: PDF, common raster images, plain text.
bool may_show_inline(std::string_view type);

struct Page {
  std::string after;  // id; empty: from the start
  int limit = 100;
};

/// [any thread, concurrent]
class Documents {
 public:
  Documents(BlobStore& blobs, const Audit& audit) : blobs_(blobs), audit_(audit) {}

  Result<Account> create_account(db::HostTransaction& transaction, AccountKind kind, std::string_view name,
                                 std::string_view email) const;
  Result<Account> account(db::HostTransaction& transaction, std::string_view id) const;
  std::vector<Account> accounts(db::HostTransaction& transaction, const Page& page) const;

  /// A folder of that name under `parent` (empty: top). The same name twice is Code::conflict.
  Result<Folder> create_folder(db::HostTransaction& transaction, std::string_view account, std::string_view parent,
                               std::string_view name) const;
  Result<Folder> folder(db::HostTransaction& transaction, std::string_view id) const;
  std::vector<Folder> folders(db::HostTransaction& transaction, std::string_view account, const Page& page) const;

  BlobStore& blobs() const { return blobs_; }
  /// Records a finished blob as a new document, or as the next version of the one with that name in the folder.
  Result<Document> add(db::HostTransaction& transaction, std::string_view folder, std::string_view name,
                       const Blob& blob, std::string_view created_by) const;
  Result<Document> document(db::HostTransaction& transaction, std::string_view id, std::uint32_t version = 0) const;
  std::vector<Document> documents(db::HostTransaction& transaction, std::string_view folder, const Page& page) const;
  std::vector<Document> versions(db::HostTransaction& transaction, std::string_view id) const;
  /// True when a row names that blob.
  bool knows_blob(db::HostTransaction& transaction, std::string_view blob) const;

 private:
  BlobStore& blobs_;
  const Audit& audit_;
};

}  // namespace postern::services
