// A Value as YAML in flow style.
#include <algorithm>

#include "host/settings/generate.hpp"
#include "host/settings/node.hpp"
#include "host/settings/scalar.hpp"

namespace postern::settings {

namespace {

/// Whether a text means itself without quotes, in a block and within [ ] and { }. Stricter than YAML, because
/// parsers differ on the rest.
bool is_plain(const std::string& text) {
  Node node;
  type_plain_scalar(text, node);
  if (node.kind != Value::Kind::text) return false;
  bool relative = text.starts_with("./") || text.starts_with("../");
  if (!relative && std::string_view("-+.:()@= ").find(text.front()) != std::string_view::npos) return false;
  if (text.back() == ' ' || text.back() == ':' || text.find(": ") != std::string::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool beyond_ascii = (c & 0x80) != 0;
    return letter_or_digit || beyond_ascii ||
           std::string_view(" _-./:@+()=").find(c) != std::string_view::npos;
  });
}

/// JSON's texts are YAML's double-quoted ones.
std::string text_to_yaml(const std::string& text) {
  if (is_plain(text)) return text;
  auto node = std::make_shared<Node>();
  node->kind = Value::Kind::text;
  node->text = text;
  return Value(std::move(node)).to_json();
}

}  // namespace

std::string to_yaml(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::text:
      return text_to_yaml(value.is_secret() ? "***" : value.text());
    case Value::Kind::list: {
      std::string out = "[";
      for (const auto& entry : value.list()) out += (out.size() > 1 ? ", " : "") + to_yaml(entry);
      return out + "]";
    }
    case Value::Kind::map: {
      std::string out = "{";
      for (const auto& [key, entry] : value.map()) {
        out += (out.size() > 1 ? ", " : "") + text_to_yaml(key) + ": " + to_yaml(entry);
      }
      return out + "}";
    }
    default:
      return value.to_json();
  }
}

}  // namespace postern::settings
