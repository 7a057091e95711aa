#include "host/staff/plugin_routes.hpp"

#include "host/doors/plugin_call.hpp"
#include "host/staff/router.hpp"

namespace postern::staff {
namespace {

Answer convert(Call& call, const std::string& plugin, doors::PluginAnswer&& said) {
  Answer answer;
  answer.status = said.status;
  answer.fields = std::move(said.fields);
  if (!said.page.empty()) return {Code::internal, "plugin " + plugin + " answered its API with a page"};
  if (!said.document.empty()) {
    POSTERN_TRY(auto document, call.firm.documents->document(call.transaction, said.document, said.version));
    answer.document = {std::move(document), said.disposition};
    return answer;
  }
  if (said.status == 303) {
    answer.fields.set("Location", "/api/v1/" + plugin + (said.redirect.empty() ? "" : "/" + said.redirect));
    answer.type.clear();
    return answer;
  }
  answer.type = said.type.empty() && !said.bytes.empty() ? "application/json" : std::move(said.type);
  answer.bytes = std::move(said.bytes);
  return answer;
}

}  // namespace

PluginRoute plugin_route(firm::Firm& firm, std::string_view method, std::string_view path) {
  PluginRoute route;
  const std::size_t slash = path.find('/');
  const std::string_view id = path.substr(0, slash);
  if (is_reserved(id)) return route;
  const auto found = firm.plugins.find(std::string(id));
  if (found == firm.plugins.end() || found->second.instance == nullptr) return route;
  if (!found->second.instance->has(plugins::Door::staff)) return route;
  route.plugin = found->second.instance.get();
  route.rest = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  route.match = plugins::match(route.plugin->manifest(), plugins::Door::staff, method, route.rest);
  return route;
}

Answer call_plugin(Call& call, const PluginRoute& route) {
  const std::string_view accepted = call.head.fields.get("Accept-Language");
  const std::string language =
      call.firm.pages ? call.firm.pages->choose_language("", accepted) : std::string("en");
  const std::string id = call.transaction.actor.member;
  Member member;
  member.id = id;
  member.name = call.caller.name;
  member.role = name(call.caller.role);
  const std::string& plugin = route.plugin->manifest().id;
  auto said = doors::call_staff(*route.plugin,
                                {route.match, call.head, call.body, language, call.transaction}, member);
  if (!said.ok()) {
    // The wording of a plugin's own 404 would tell apart what the host keeps together.
    if (said.code() == Code::not_found) return not_found();
    return std::move(said).error();
  }
  return convert(call, plugin, *std::move(said));
}

}  // namespace postern::staff
