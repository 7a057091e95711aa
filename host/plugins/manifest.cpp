#include "host/plugins/manifest.hpp"

#include <set>

#include "host/plugins/pattern.hpp"
#include "host/settings/load.hpp"

namespace postern::plugins {

namespace {

using settings::Complaint;
using settings::Problem;
using settings::Problems;

constexpr std::int64_t kLargestBody =
    16 * 1024 * 1024;  // bytes; larger things are documents, which the host takes in
constexpr std::int64_t kMostRoutes = 200;

/// First segments of the staff API that belong to the host, so that no plugin can stand in front of them.
constexpr std::string_view kReserved[] = {"accounts", "folders", "documents", "links", "audit",
                                          "keys",     "members", "messages",  "me",    "openapi",
                                          "host",     "search",  "settings"};

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Lower-case letters, digits and `joint`; begins with a letter and does not end with the joint.
bool is_word(std::string_view text, char joint, std::size_t longest) {
  if (text.empty() || text.size() > longest || !is_lower(text.front()) || text.back() == joint) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_lower(c) || is_digit(c) || c == joint; });
}

std::optional<Complaint> check_id(const settings::Value& value) {
  const auto& id = value.text();
  if (!is_word(id, '-', 32)) {
    return Complaint{"lower-case letters, digits and '-', beginning with a letter, at most 32", "", ""};
  }
  if (std::find(std::begin(kReserved), std::end(kReserved), id) != std::end(kReserved)) {
    return Complaint{"an id that is not one of the host's own words", "name it after the action", ""};
  }
  return std::nullopt;
}

std::optional<Complaint> check_version(const settings::Value& value) {
  const auto& version = value.text();
  int dots = 0;
  bool digit_before = false, good = version.size() <= 31;
  for (char c : version) {
    if (is_digit(c)) {
      digit_before = true;
    } else {
      good = good && c == '.' && digit_before;
      digit_before = false;
      ++dots;
    }
  }
  if (good && digit_before && dots == 2) return std::nullopt;
  return Complaint{"three numbers, as in 1.2.3", "", ""};
}

/// "links/1"
std::optional<Complaint> check_need(const settings::Value& value) {
  const auto& need = value.text();
  auto slash = need.find('/');
  bool good = slash != std::string::npos && is_word(std::string_view(need).substr(0, slash), '-', 32) &&
              slash + 1 < need.size() && need.size() - slash <= 5 &&
              std::all_of(need.begin() + static_cast<std::ptrdiff_t>(slash) + 1, need.end(), is_digit);
  if (good) return std::nullopt;
  return Complaint{"a service and its revision, as in links/1", "", ""};
}

std::optional<Complaint> check_route_id(const settings::Value& value) {
  if (is_word(value.text(), '_', 40)) return std::nullopt;
  return Complaint{"lower-case letters, digits and '_', beginning with a letter, at most 40", "", ""};
}

std::optional<Complaint> check_pattern(const settings::Value& value) {
  auto mistake = pattern_mistake(value.text());
  if (mistake.empty()) return std::nullopt;
  return Complaint{mistake, "", ""};
}

settings::Field route_field(Door door) {
  using namespace settings;
  std::vector<Field> fields{
      text("id", "What the plugin knows it by").required().checked_by(check_route_id),
      choice("method", "HTTP method; GET answers HEAD too", {"GET", "POST", "PUT", "PATCH", "DELETE"})
          .required(),
      text("pattern", "Path below the door, e.g. documents/{document}").required().checked_by(check_pattern),
      size("body_limit", "Largest body").by_default("64 KiB").between(0, kLargestBody),
  };
  if (door == Door::staff) {
    fields.push_back(
        choice("role", "The least role", {"read-only", "member", "admin", "owner"}).by_default("member"));
  }
  return map("", "", std::move(fields));
}

settings::Schema manifest_schema() {
  using namespace settings;
  return {{
      text("id", "Name of the plugin in paths and settings").required().checked_by(check_id),
      text("version", "Version of the plugin").required().checked_by(check_version),
      text("name", "Name for people").required().between(1, 60),
      text("summary", "One sentence for people").by_default("\"\"").at_most(300),
      list("needs", "Services it uses", text().checked_by(check_need)).by_default("[]").at_most(50),
      list("languages", "Languages of its messages", language()).by_default("[en]").between(1, 100),
      map("routes", "Paths of each door",
          {list("recipient", "Paths below a link", route_field(Door::recipient))
               .by_default("[]")
               .at_most(kMostRoutes),
           list("staff", "Paths below the API", route_field(Door::staff))
               .by_default("[]")
               .at_most(kMostRoutes)}),
      any("settings", "Schema of the firm's settings"),
  }};
}

Role role_from(std::string_view name) {
  if (name == "owner") return Role::owner;
  if (name == "admin") return Role::admin;
  if (name == "read-only") return Role::read_only;
  return Role::member;
}

/// The routes of one door; what clashes goes to `problems`.
void read_routes(Door door, const settings::Value& list, std::vector<Route>& routes, Problems& problems) {
  std::set<std::string> ids, shapes;
  for (const auto& entry : list.list()) {
    Route route;
    route.id = entry["id"].text();
    route.door = door;
    route.method = entry["method"].text();
    route.pattern = entry["pattern"].text();
    route.role = role_from(entry["role"].text());
    route.body_limit = static_cast<std::uint64_t>(entry["body_limit"].integer());
    if (!ids.insert(route.id).second) {
      problems.push_back(
          problem_at(entry["id"], "an id that no other route of this door has", "rename one of the two"));
    }
    if (!shapes.insert(route.method + " " + pattern_shape(route.pattern)).second) {
      problems.push_back(problem_at(entry["pattern"],
                                    "a pattern that no other " + route.method + " route of this door matches",
                                    "remove one of the two"));
    }
    routes.push_back(std::move(route));
  }
}

}  // namespace

Result<Manifest> Manifest::parse(std::string_view text, std::string_view file) {
  auto loaded = settings::load_text(text, std::string(file), manifest_schema());
  Problems problems = loaded.problems;
  if (settings::has_errors(problems)) return {Code::invalid, to_string(problems)};
  const auto& value = loaded.value;
  Manifest manifest;
  manifest.id = value["id"].text();
  manifest.version = value["version"].text();
  manifest.name = value["name"].text();
  manifest.summary = value["summary"].text();
  for (const auto& need : value["needs"].list()) manifest.needs.push_back(need.text());
  for (const auto& language : value["languages"].list()) manifest.languages.push_back(language.text());
  read_routes(Door::recipient, value["routes"]["recipient"], manifest.routes, problems);
  read_routes(Door::staff, value["routes"]["staff"], manifest.routes, problems);
  auto schema = settings::schema_from(value["settings"]);
  std::string message = to_string(problems);
  if (!schema.ok()) message += (message.empty() ? "" : "\n") + schema.error().message;
  if (!message.empty()) return {Code::invalid, message};
  manifest.settings = *std::move(schema);
  manifest.text = text;
  return manifest;
}

}  // namespace postern::plugins
