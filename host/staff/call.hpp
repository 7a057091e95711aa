// One request on its way through an operation, and the answers operations share.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"
#include "host/staff/keys.hpp"
#include "host/staff/problem.hpp"
#include "host/staff/query.hpp"

namespace postern::staff {

/// What an operation works with. Everything outlives the call. The transaction may be repeated, so an
/// operation touches nothing but it and its own answer.
struct Call {
  firm::Firm& firm;
  const http::RequestHead& head;
  const std::map<std::string, std::string>&
      path;                          // the {name}s of the pattern; those that are ids were checked
  Query& query;                      // only names the operation knows
  const nlohmann::json& json;        // the body; {} when there was none
  std::string_view body;             // the same as it came
  db::HostTransaction& transaction;  // of a GET: reads only
  const ApiKey& caller;

  const std::string& id(std::string_view name) const { return path.find(std::string(name))->second; }
};

using Handler = Answer (*)(Call& call);

/// `json` with a status of 200 or the given one.
Answer json_answer(const nlohmann::ordered_json& json, int status = 200);
/// 201 with Location: /api/v1/`path`.
Answer created(const nlohmann::ordered_json& json, const std::string& path);
/// {"items": [...], "next": cursor or null}, and a Link header to the next page. `next`: position of the last
/// item when more follow.
Answer list_answer(const Call& call, nlohmann::ordered_json items, const std::optional<std::string>& next);
/// RFC 3339, or null for "never" (0 and kNever).
nlohmann::ordered_json time_json(Timestamp time);
/// The text, or null when it is empty.
nlohmann::ordered_json text_or_null(std::string_view text);
/// "read-only", "member", ...
std::string_view name(plugins::Role role);
std::optional<plugins::Role> role_of(std::string_view name);

}  // namespace postern::staff
