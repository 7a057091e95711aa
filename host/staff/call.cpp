#include "host/staff/call.hpp"

#include <nlohmann/json.hpp>

#include "host/staff/text.hpp"

namespace postern::staff {

using Json = nlohmann::ordered_json;

Answer json_answer(const Json& json, int status) {
  Answer answer;
  answer.status = status;
  answer.bytes = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return answer;
}

Answer created(const Json& json, const std::string& path) {
  Answer answer = json_answer(json, 201);
  answer.fields.set("Location", "/api/v1/" + path);
  return answer;
}

Answer list_answer(const Call& call, Json items, const std::optional<std::string>& next) {
  Json json;
  json["items"] = std::move(items);
  json["next"] = next ? Json(to_cursor(*next)) : Json(nullptr);
  Answer answer = json_answer(json);
  if (next) {
    const std::string kept = call.query.without_cursor();
    answer.fields.set("Link", "<" + call.head.path + "?" + (kept.empty() ? "" : kept + "&") +
                                  "after=" + to_cursor(*next) + ">; rel=\"next\"");
  }
  return answer;
}

Json time_json(Timestamp time) {
  return time.ms == 0 || time == kNever ? Json(nullptr) : Json(to_rfc3339(time));
}

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string_view name(plugins::Role role) {
  switch (role) {
    case plugins::Role::read_only:
      return "read-only";
    case plugins::Role::member:
      return "member";
    case plugins::Role::admin:
      return "admin";
    case plugins::Role::owner:
      return "owner";
  }
  return "read-only";
}

std::optional<plugins::Role> role_of(std::string_view text) {
  using plugins::Role;
  for (const Role role : {Role::read_only, Role::member, Role::admin, Role::owner})
    if (name(role) == text) return role;
  return std::nullopt;
}

}  // namespace postern::staff
