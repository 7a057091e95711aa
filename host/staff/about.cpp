// Operations that say what this is: the caller, the firm, its plugins.
#include "host/staff/list.hpp"
#include "host/staff/operations.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const plugins::Manifest& manifest) {
  Json routes = Json::array();
  for (const plugins::Route& route : manifest.routes) {
    if (route.door != plugins::Door::staff) continue;
    routes.push_back({{"id", route.id},
                      {"method", route.method},
                      {"path", "/api/v1/" + manifest.id + (route.pattern.empty() ? "" : "/" + route.pattern)},
                      {"role", name(route.role)},
                      {"body_limit", route.body_limit}});
  }
  return {{"id", manifest.id},
          {"version", manifest.version},
          {"name", manifest.name},
          {"summary", manifest.summary},
          {"routes", std::move(routes)}};
}

}  // namespace

Answer list_plugins(Call& call) {
  Json items = Json::array();
  for (const auto& [id, plugin] : call.firm.plugins)
    if (plugin.instance) items.push_back(to_json(plugin.instance->manifest()));
  return list_answer(call, std::move(items), {});
}

Answer get_me(Call& call) {
  const auto& settings = call.firm.settings;
  return json_answer({{"key",
                       {{"id", call.caller.id},
                        {"name", call.caller.name},
                        {"role", name(call.caller.role)},
                        {"expires", time_json(call.caller.expires)}}},
                      {"firm",
                       {{"id", settings.id},
                        {"name", settings.name},
                        {"language", settings.language},
                        {"time_zone", settings.time_zone},
                        {"base_url", settings.base_url}}}});
}

}  // namespace postern::staff
