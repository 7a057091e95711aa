// The firm's secret keys, in files that only the service user may read (0600), made when they are missing.
#pragma once

#include <string>
#include <vector>

#include "host/crypto/crypto.hpp"

namespace postern::services {

struct LinkKey {
  std::string id;  // "k1", "k2", ...; stands in each link's row
  crypto::Key key;
};

class FirmKeys {
 public:
  /// Reads `folder`, making folder (0700) and keys that are missing. A file readable by others is refused.
  /// [may block]
  static Result<FirmKeys> open(const std::string& folder);

  const crypto::Key& documents() const { return documents_; }  // wraps the key of each blob
  const crypto::Key& api() const { return api_; }              // pepper of API keys and cursors
  const LinkKey& newest_link_key() const { return links_.back(); }
  const LinkKey* link_key(std::string_view id) const;
  /// Adds a link key; new links use it, old ones keep theirs.
  Result<std::string> rotate_link_key();

 private:
  FirmKeys(std::string folder, crypto::Key documents, crypto::Key api, std::vector<LinkKey> links);
  std::string folder_;
  crypto::Key documents_;
  crypto::Key api_;
  std::vector<LinkKey> links_;
};

}  // namespace postern::services
