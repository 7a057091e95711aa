// Operations on API keys.
#include "host/staff/json_fields.hpp"
#include "host/staff/list.hpp"
#include "host/staff/operations.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ApiKey& key, Timestamp now) {
  const bool expired = key.expires.ms != 0 && key.expires <= now;
  return {{"id", key.id},
          {"name", key.name},
          {"role", name(key.role)},
          {"state", key.revoked.ms != 0 ? "revoked"
                    : expired           ? "expired"
                                        : "active"},
          {"created", time_json(key.created)},
          {"expires", time_json(key.expires)},
          {"revoked", time_json(key.revoked)},
          {"last_used", time_json(key.last_used)}};
}

std::optional<ApiKey> find(const std::vector<ApiKey>& keys, const std::string& id) {
  for (const ApiKey& key : keys)
    if (key.id == id) return key;
  return std::nullopt;
}

Answer above_own_role(plugins::Role role) {
  return {Code::forbidden, "A key may only make and revoke keys of its own role or below; \"" +
                               std::string(name(role)) + "\" is above it."};
}

}  // namespace

Answer create_api_key(Call& call) {
  JsonFields fields(call.json);
  const std::string name = fields.text("name", 1, 200);
  const auto role =
      static_cast<plugins::Role>(fields.choice("role", {"read-only", "member", "admin", "owner"}));
  const auto expires = fields.optional_time("expires");
  if (expires && *expires <= call.transaction.now)
    fields.wrong("expires", "\"expires\" is in the past; wanted is a time to come, or null for none.");
  if (auto refused = fields.refusal()) return *std::move(refused);
  if (role > call.caller.role) return above_own_role(role);
  POSTERN_TRY(const std::string text, create_key(call.transaction, *call.firm.keys, call.firm.audit, name,
                                                 role, expires.value_or(Timestamp{})));
  const auto key = find_key(call.transaction, *call.firm.keys, text);
  if (!key.ok()) return key.error();
  Json json = to_json(*key, call.transaction.now);
  json["key"] = text;
  return created(json, "keys/" + key->id);
}

Answer list_api_keys(Call& call) {
  const auto paging = call.query.paging();
  if (auto refused = call.query.refusal()) return *std::move(refused);
  // A firm has tens of keys, not thousands: the page is cut here.
  std::vector<ApiKey> page;
  for (ApiKey& key : list_keys(call.transaction))
    if (key.id > paging.after && page.size() <= static_cast<std::size_t>(paging.limit))
      page.push_back(std::move(key));
  const Timestamp now = call.transaction.now;
  return paged(call, page, paging.limit, [now](const ApiKey& key) { return to_json(key, now); });
}

Answer get_api_key(Call& call) {
  const auto key = find(list_keys(call.transaction), call.id("key"));
  return key ? json_answer(to_json(*key, call.transaction.now)) : not_found();
}

Answer revoke_api_key(Call& call) {
  const auto key = find(list_keys(call.transaction), call.id("key"));
  if (!key) return not_found();
  if (key->role > call.caller.role) return above_own_role(key->role);
  POSTERN_CHECK(revoke_key(call.transaction, call.firm.audit, key->id));
  Answer answer;
  answer.status = 204;
  return answer;
}

}  // namespace postern::staff
