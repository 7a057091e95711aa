#include "host/staff/openapi.hpp"

#include <nlohmann/json.hpp>

#include "host/log/log.hpp"
#include "host/settings/load.hpp"
#include "host/web/embedded.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view kComponents = "#/components/";

Result<Json> read(std::string_view yaml, const std::string& file) {
  POSTERN_TRY(const settings::Value value, settings::parse_yaml(yaml, file));
  Json json = Json::parse(value.to_json(), nullptr, false);
  if (!json.is_object()) return {Code::invalid, file + ": wanted is a map"};
  return json;
}

/// Puts one plugin's description into the host's.
class Merge {
 public:
  Merge(Json& whole, const PluginDescription& plugin) : whole_(whole), plugin_(plugin) {}

  Result<void> run() {
    const std::string file = plugin_.id + "/openapi.yaml";
    POSTERN_TRY(Json part, read(plugin_.yaml, file));
    if (part.contains("components") && part["components"].is_object()) own_ = part["components"];
    Json paths = Json::object(), components = Json::object();
    const Json given = part.value("paths", Json::object());
    for (const auto& [path, item] : given.items()) {
      if (!path.empty() && path.front() != '/')
        return {Code::invalid, file + ": the path \"" + path + "\" does not begin with \"/\""};
      const std::string full = "/" + plugin_.id + (path == "/" ? "" : path);
      Json changed = item;
      rename_references(changed);
      if (changed.is_object()) mark_operations(changed);
      paths[full] = std::move(changed);
    }
    for (auto& [kind, entries] : own_.items())
      for (auto& [entry, value] : entries.items()) {
        Json changed = value;
        rename_references(changed);
        components[kind][plugin_.id + "." + entry] = std::move(changed);
      }
    add(std::move(paths), std::move(components));
    return {};
  }

 private:
  void add(Json paths, Json components) {
    for (auto& [path, item] : paths.items()) whole_["paths"][path] = item;
    for (auto& [kind, entries] : components.items())
      for (auto& [entry, value] : entries.items()) whole_["components"][kind][entry] = value;
    whole_["tags"].push_back(
        {{"name", plugin_.name}, {"description", "Operations of the plugin " + plugin_.id + "."}});
  }

  void mark_operations(Json& item) {
    for (auto& [method, operation] : item.items()) {
      if (!operation.is_object() || !operation.contains("responses")) continue;
      if (operation.contains("operationId") && operation["operationId"].is_string())
        operation["operationId"] = plugin_.id + "." + operation["operationId"].get<std::string>();
      operation["tags"] = Json::array({plugin_.name});
    }
  }

  void rename_references(Json& value) {
    if (!value.is_structured()) return;
    for (auto& [key, inner] : value.items()) {
      if (key == "$ref" && inner.is_string())
        inner = renamed(inner.get<std::string>());
      else
        rename_references(inner);
    }
  }

  /// "#/components/schemas/Share" -> "#/components/schemas/share.Share", when the plugin defines it.
  std::string renamed(const std::string& reference) const {
    if (!reference.starts_with(kComponents)) return reference;
    const std::size_t slash = reference.find('/', kComponents.size());
    if (slash == std::string::npos) return reference;
    const std::string kind = reference.substr(kComponents.size(), slash - kComponents.size());
    const std::string entry = reference.substr(slash + 1, reference.find('/', slash + 1) - slash - 1);
    if (!own_.contains(kind) || !own_[kind].contains(entry)) return reference;
    return reference.substr(0, slash + 1) + plugin_.id + "." + reference.substr(slash + 1);
  }

  Json& whole_;
  const PluginDescription& plugin_;
  Json own_ = Json::object();  // the plugin's components
};

}  // namespace

Result<std::string> merge_descriptions(std::string_view host_yaml,
                                       const std::vector<PluginDescription>& plugins) {
  POSTERN_TRY(Json whole, read(host_yaml, "openapi.yaml"));
  for (const PluginDescription& plugin : plugins) POSTERN_CHECK(Merge(whole, plugin).run());
  return whole.dump();
}

const std::string& api_document(firm::Firm& firm) {
  std::call_once(firm.api_document_made, [&] {
    const std::string_view host = web::embedded_file("openapi.yaml");
    std::vector<PluginDescription> plugins;
    for (const auto& [id, loaded] : firm.plugins) {
      if (!loaded.instance) continue;
      const auto& inspection = loaded.instance->inspection();
      const auto found = inspection.files.find("openapi.yaml");
      if (found == inspection.files.end()) continue;
      PluginDescription description{id, inspection.manifest.name, found->second};
      const auto tried = merge_descriptions(host, {description});
      if (tried.ok())
        plugins.push_back(std::move(description));
      else if (firm.logger != nullptr)
        firm.logger->event(Severity::warning, "plugin.description_left_out",
                           {{"plugin", id}, {"reason", tried.error().message}});
    }
    auto merged = merge_descriptions(host, plugins);
    if (!merged.ok()) throw std::logic_error("the host's API description: " + merged.error().message);
    firm.api_document = *std::move(merged);
  });
  return firm.api_document;
}

}  // namespace postern::staff
