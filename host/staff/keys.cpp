#include "host/staff/keys.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "host/services/id.hpp"
#include "host/staff/call.hpp"

namespace postern::staff {
namespace {

constexpr std::string_view kPrefix = "postern_";
constexpr std::size_t kSecretLength = 43;  // base64url of 32 bytes
constexpr std::string_view kColumns = "id, name, role, created_at, expires_at, revoked_at, last_used_at";

/// What the database holds: HMAC under a key that is in no database, so a stolen one cannot even be searched.
std::string hash_of(const services::FirmKeys& keys, std::string_view text) {
  return crypto::hex(crypto::hmac_sha256(keys.api().bytes(), crypto::bytes(text)));
}

ApiKey from_row(const db::Row& row) {
  ApiKey key;
  key.id = row[0].text();
  key.name = row[1].text();
  key.role = role_of(row[2].text()).value_or(plugins::Role::read_only);
  key.created = {row[3].integer()};
  key.expires = {row[4].integer()};
  key.revoked = {row[5].integer()};
  key.last_used = {row[6].integer()};
  return key;
}

Error wrong_key() {
  return {Code::unauthenticated, "The API key is not valid: it is wrong, expired or revoked.", {}};
}

}  // namespace

Result<std::string> create_key(db::HostTransaction& transaction, const services::FirmKeys& keys,
                               const services::Audit& audit, std::string_view name, plugins::Role role,
                               Timestamp expires) {
  if (name.empty()) return {Code::invalid, "An API key needs a name that says who or what uses it.", "name"};
  if (expires.ms != 0 && expires <= transaction.now)
    return {Code::invalid, "\"expires\" is in the past; wanted is a time to come.", "expires"};
  std::array<std::byte, 32> secret{};
  crypto::random(secret);
  std::string text = std::string(kPrefix) + crypto::base64url(secret);
  const std::string id = services::new_id(transaction.now);
  transaction.change(
      "insert into api_keys (id, name, role, hash, created_at, expires_at, revoked_at, last_used_at) "
      "values (:id, :name, :role, :hash, :created, :expires, 0, 0)",
      {id, name, staff::name(role), hash_of(keys, text), transaction.now, expires});
  const nlohmann::ordered_json details{
      {"name", name}, {"role", staff::name(role)}, {"expires", time_json(expires)}};
  audit.append(transaction, "", "key.created", id, details.dump());
  return text;
}

Result<ApiKey> authenticate(db::HostTransaction& transaction, const services::FirmKeys& keys,
                            std::string_view text) {
  auto found = find_key(transaction, keys, text);
  if (!found.ok()) return wrong_key();
  ApiKey key = *std::move(found);
  const bool expired = key.expires.ms != 0 && key.expires <= transaction.now;
  if (expired || key.revoked.ms != 0) return wrong_key();
  if (transaction.writable() && transaction.now - key.last_used >= kMinute)
    transaction.change("update api_keys set last_used_at = :now where id = :id", {transaction.now, key.id});
  return key;
}

Result<ApiKey> find_key(db::HostTransaction& transaction, const services::FirmKeys& keys,
                        std::string_view text) {
  if (text.size() != kPrefix.size() + kSecretLength || !text.starts_with(kPrefix))
    return {Code::not_found, "There is no such API key."};
  const auto row = transaction.row("select " + std::string(kColumns) + " from api_keys where hash = :hash",
                                   {hash_of(keys, text)});
  if (!row) return {Code::not_found, "There is no such API key."};
  return from_row(*row);
}

std::vector<ApiKey> list_keys(db::HostTransaction& transaction) {
  std::vector<ApiKey> keys;
  for (const db::Row& row :
       transaction.rows("select " + std::string(kColumns) + " from api_keys order by id"))
    keys.push_back(from_row(row));
  return keys;
}

Result<void> revoke_key(db::HostTransaction& transaction, const services::Audit& audit, std::string_view id) {
  const auto row = transaction.row("select name, revoked_at from api_keys where id = :id", {id});
  if (!row)
    return {Code::not_found, "There is no API key \"" + std::string(id) + "\"; list them to see their ids."};
  if ((*row)[1].integer() != 0) return {};
  transaction.change("update api_keys set revoked_at = :now where id = :id", {transaction.now, id});
  const nlohmann::ordered_json details{{"name", (*row)[0].text()}};
  audit.append(transaction, "", "key.revoked", id, details.dump());
  return {};
}

}  // namespace postern::staff
