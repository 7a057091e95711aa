// A body out of a schema: the least that fits, from an OpenAPI 3.1 description (JSON Schema's plain words
// only).
#include <nlohmann/json.hpp>

#include "host/settings/load.hpp"
#include "sdk/conformance/subject.hpp"

namespace postern::conformance {

namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 12;

const Json* at(const Json& json, std::initializer_list<const char*> path) {
  const Json* here = &json;
  for (const char* key : path) {
    if (!here->is_object() || !here->contains(key)) return nullptr;
    here = &(*here)[key];
  }
  return here;
}

class Sampler {
 public:
  explicit Sampler(const Json& document) : document_(document) {}

  Json sample(const Json& given, const std::string& name, int depth = 0) const {
    const Json& schema = resolved(given);
    if (schema.contains("example")) return schema["example"];
    if (schema.contains("examples") && schema["examples"].is_array() && !schema["examples"].empty())
      return schema["examples"][0];
    if (schema.contains("const")) return schema["const"];
    if (schema.contains("default")) return schema["default"];
    if (schema.contains("enum") && !schema["enum"].empty()) return schema["enum"][0];
    for (const char* choice : {"oneOf", "anyOf", "allOf"}) {
      if (schema.contains(choice) && !schema[choice].empty() && depth < kDeepest)
        return sample(schema[choice][0], name, depth + 1);
    }
    std::string type = type_of(schema);
    if (type == "string") return text(schema, name);
    if (type == "integer" || type == "number") return schema.value("minimum", 1);
    if (type == "boolean") return true;
    if (depth >= kDeepest) return nullptr;
    if (type == "array")
      return schema.contains("items") ? Json::array({sample(schema["items"], name, depth + 1)})
                                      : Json::array();
    if (type == "object") return object(schema, depth);
    return nullptr;
  }

 private:
  const Json& resolved(const Json& schema) const {
    constexpr std::string_view kRoot = "#/";
    if (!schema.contains("$ref") || !schema["$ref"].is_string()) return schema;
    auto reference = schema["$ref"].get<std::string>();
    if (!reference.starts_with(kRoot)) return schema;
    Json::json_pointer pointer(reference.substr(1));
    return document_.contains(pointer) ? document_[pointer] : schema;
  }

  static std::string type_of(const Json& schema) {
    if (!schema.contains("type")) return schema.contains("properties") ? "object" : "";
    const auto& type = schema["type"];
    if (type.is_array()) return type.empty() ? "" : type[0].get<std::string>();
    return type.get<std::string>();
  }

  static Json text(const Json& schema, const std::string& name) {
    auto format = schema.value("format", "");
    if (format == "email" || name.find("email") != std::string::npos) return "jane@example.org";
    if (format == "date-time") return "2026-02-01T09:00:00Z";
    if (format == "date") return "2026-02-01";
    if (format == "uri") return "https://example.org/";
    if (name.find("document") != std::string::npos) return "document-1";  // one that FakeDocuments has
    return "Sample";
  }

  Json object(const Json& schema, int depth) const {
    Json out = Json::object();
    auto required = schema.value("required", Json::array());
    auto properties = schema.value("properties", Json::object());
    for (const auto& [key, value] : properties.items()) {
      if (std::find(required.begin(), required.end(), Json(key)) != required.end())
        out[key] = sample(value, key, depth + 1);
    }
    return out;
  }

  const Json& document_;
};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

std::string sample_body(const plugins::Library& library, const plugins::Route& route) {
  const auto& files = library.inspection().files;
  auto found = files.find("openapi.yaml");
  if (found == files.end()) return "{}";
  auto yaml = settings::parse_yaml(found->second, "openapi.yaml");
  if (!yaml.ok()) return "{}";
  Json document = Json::parse(yaml->to_json(), nullptr, false);
  for (const std::string& path : {"/" + route.pattern, route.pattern}) {
    const auto* schema = at(document, {"paths", path.c_str(), lower(route.method).c_str(), "requestBody",
                                       "content", "application/json", "schema"});
    if (schema != nullptr) return Sampler(document).sample(*schema, "").dump();
  }
  return "{}";
}

}  // namespace postern::conformance
