// API keys: shown once, stored as a keyed hash, with a role.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/database/database.hpp"
#include "host/plugins/manifest.hpp"
#include "host/services/audit.hpp"
#include "host/services/keys.hpp"

namespace postern::staff {

struct ApiKey {
  std::string id, name;
  plugins::Role role = plugins::Role::read_only;
  Timestamp created, expires{0}, revoked{0}, last_used{0};
};

/// Makes a key and returns its text, "postern_" and 43 characters; nobody can show it again.
Result<std::string> create_key(db::HostTransaction& transaction, const services::FirmKeys& keys,
                               const services::Audit& audit, std::string_view name, plugins::Role role,
                               Timestamp expires);
/// The key behind `text` (as in "Authorization: Bearer text"); Code::unauthenticated for every kind of wrong
/// one. In a writing transaction the use is remembered, to the minute.
Result<ApiKey> authenticate(db::HostTransaction& transaction, const services::FirmKeys& keys,
                            std::string_view text);
/// The key of that text in whatever state it is, without counting as a use; Code::not_found when there is
/// none.
Result<ApiKey> find_key(db::HostTransaction& transaction, const services::FirmKeys& keys,
                        std::string_view text);
std::vector<ApiKey> list_keys(db::HostTransaction& transaction);
Result<void> revoke_key(db::HostTransaction& transaction, const services::Audit& audit, std::string_view id);

}  // namespace postern::staff
