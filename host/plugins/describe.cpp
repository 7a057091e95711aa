// An inspection for people and for programs: `postern plugin inspect FILE`.
#include <nlohmann/json.hpp>

#include "host/plugins/library.hpp"
#include "host/plugins/place.hpp"
#include "postern/abi.hpp"

namespace postern::plugins {

namespace {

using Json = nlohmann::ordered_json;

std::string_view name(Door door) { return door == Door::staff ? "staff" : "recipient"; }

std::string_view name(Role role) {
  switch (role) {
    case Role::read_only:
      return "read-only";
    case Role::member:
      return "member";
    case Role::admin:
      return "admin";
    case Role::owner:
      return "owner";
  }
  return "member";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "nothing" : out;
}

std::string path_of(const Manifest& manifest, const Route& route) {
  std::string root = route.door == Door::staff ? "/api/v1/" + manifest.id : "/l/{token}";
  return route.pattern.empty() ? root : root + "/" + route.pattern;
}

/// The settings, nested keys with dots: "reminders.every".
struct Setting {
  std::string path;
  const settings::Field* field;
};

void flatten(const std::vector<settings::Field>& fields, const std::string& prefix,
             std::vector<Setting>& out) {
  for (const auto& field : fields) {
    std::string path = prefix + field.name;
    if (field.fields.empty()) {
      out.push_back({path, &field});
    } else {
      flatten(field.fields, path + ".", out);
    }
  }
}

void describe_routes(const Manifest& manifest, std::string& out) {
  out += "routes:\n";
  for (const auto& route : manifest.routes) {
    out += "  " + padded(name(route.door), 11) + padded(route.method, 7) +
           padded(path_of(manifest, route), 36) + " ";
    out += padded(route.id, 16);
    out += " body up to " + std::to_string(route.body_limit) + " bytes";
    if (route.door == Door::staff) out += ", role " + std::string(name(route.role));
    out += "\n";
  }
}

void describe_settings(const Manifest& manifest, std::string& out) {
  std::vector<Setting> settings;
  flatten(manifest.settings.fields, "", settings);
  out += settings.empty() ? "settings: none\n" : "settings:\n";
  for (const auto& [path, field] : settings) {
    out += "  " + padded(path, 24) + " " + wanted_text(*field);
    if (field->is_required) out += ", required";
    if (field->default_yaml) out += ", default " + *field->default_yaml;
    out += field->description.empty() ? "\n" : ": " + field->description + "\n";
  }
}

}  // namespace

std::string describe(const Inspection& inspection) {
  const auto& manifest = inspection.manifest;
  std::string out = manifest.id + " " + manifest.version + ": " + manifest.name;
  if (!manifest.summary.empty()) out += ". " + manifest.summary;
  out += "\n";
  out += "file:      " + inspection.path + "\n";
  out += "sha256:    " + inspection.sha256 + "\n";
  out += "abi:       " + std::to_string(inspection.abi) + " (this host " + std::to_string(abi::kAbi) + ")\n";
  out += "built by:  " + inspection.toolchain + "\n";
  out += "needs:     " + joined(manifest.needs) + "\n";
  out += "languages: " + joined(manifest.languages) + "\n";
  describe_routes(manifest, out);
  describe_settings(manifest, out);
  out += inspection.files.empty() ? "files: none\n" : "files:\n";
  for (const auto& [path, content] : inspection.files) {
    out += "  " + padded(path, 36) + " " + std::to_string(content.size()) + " bytes\n";
  }
  out += inspection.refusal.empty() ? "This host would load it.\n"
                                    : "This host would refuse it: " + inspection.refusal + ".\n";
  return out;
}

std::string describe_json(const Inspection& inspection) {
  const auto& manifest = inspection.manifest;
  Json json;
  json["id"] = manifest.id;
  json["version"] = manifest.version;
  json["name"] = manifest.name;
  json["summary"] = manifest.summary;
  json["file"] = inspection.path;
  json["sha256"] = inspection.sha256;
  json["abi"] = inspection.abi;
  json["toolchain"] = inspection.toolchain;
  json["needs"] = manifest.needs;
  json["languages"] = manifest.languages;
  json["routes"] = Json::array();
  for (const auto& route : manifest.routes) {
    Json entry{{"id", route.id},
               {"door", name(route.door)},
               {"method", route.method},
               {"path", path_of(manifest, route)},
               {"body_limit", route.body_limit}};
    if (route.door == Door::staff) entry["role"] = name(route.role);
    json["routes"].push_back(std::move(entry));
  }
  json["settings"] = Json::array();
  std::vector<Setting> settings;
  flatten(manifest.settings.fields, "", settings);
  for (const auto& [path, field] : settings) {
    Json entry{{"path", path}, {"wanted", wanted_text(*field)}, {"required", field->is_required}};
    if (field->default_yaml) entry["default"] = *field->default_yaml;
    if (!field->description.empty()) entry["description"] = field->description;
    json["settings"].push_back(std::move(entry));
  }
  json["files"] = Json::object();
  for (const auto& [path, content] : inspection.files) json["files"][path] = content.size();
  json["refusal"] = inspection.refusal;
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace postern::plugins
