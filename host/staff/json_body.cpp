// Parsing of request bodies: the well-formedness that RFC 8259 asks for, and the strictness it leaves to us
// (section 4: names should be unique; RFC 7493 says must).
#include <nlohmann/json.hpp>
#include <set>

#include "host/http/characters.hpp"
#include "host/staff/json_fields.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::json;
constexpr int kDeepest = 64;

/// Watches the events of the parser for what it would let through.
class Guard {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (!fault_.empty()) return false;
    if (depth > kDeepest) return refuse("It is nested deeper than 64 levels.");
    switch (event) {
      case Json::parse_event_t::object_start:
        names_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
        names_.pop_back();
        break;
      case Json::parse_event_t::key:
        return key(parsed.get_ref<const std::string&>());
      case Json::parse_event_t::value:
        if (parsed.is_string()) return text(parsed.get_ref<const std::string&>());
        break;
      default:
        break;
    }
    return true;
  }
  const std::string& fault() const { return fault_; }

 private:
  bool key(const std::string& name) {
    if (!text(name)) return false;
    if (!names_.back().insert(name).second)
      return refuse("The name \"" + name.substr(0, 60) + "\" stands twice in one object.");
    return true;
  }
  bool text(const std::string& value) {
    return value.find('\0') == std::string::npos ||
           refuse("A text holds the character U+0000, which is not taken.");
  }
  bool refuse(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  std::vector<std::set<std::string>> names_;
  std::string fault_;
};

Answer not_json(std::string_view detail) {
  return invalid({{FieldError::Where::body, "", "The body is not JSON as wanted. " + std::string(detail)}});
}

/// Where byte `at` (from 1) stands: lines from 1, columns in bytes from 1.
std::string position(std::string_view body, std::size_t at) {
  at = std::min(at == 0 ? 0 : at - 1, body.size());
  std::size_t line = 1, line_start = 0;
  for (std::size_t i = 0; i < at; ++i)
    if (body[i] == '\n') ++line, line_start = i + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(at - line_start + 1);
}

/// application/json or any +json, with no parameter but charset=utf-8 (RFC 8259 section 11 defines none).
bool is_json(std::string_view content_type) {
  const std::size_t semicolon = content_type.find(';');
  const std::string_view type = http::trimmed(content_type.substr(0, semicolon));
  std::string lower(type);
  for (char& c : lower) c = http::lower(c);
  if (lower != "application/json" && !(lower.starts_with("application/") && lower.ends_with("+json")))
    return false;
  if (semicolon == std::string_view::npos) return true;
  const std::string_view parameter = http::trimmed(content_type.substr(semicolon + 1));
  return parameter.empty() || http::equal_without_case(parameter, "charset=utf-8") ||
         http::equal_without_case(parameter, "charset=\"utf-8\"");
}

}  // namespace

JsonBody parse_json(std::string_view body, std::string_view content_type) {
  if (body.empty()) return {std::make_shared<const Json>(Json::object()), {}};
  if (!is_json(content_type)) {
    Answer answer = problem(415, Code::unsupported_type,
                            content_type.empty()
                                ? std::string("The body has no Content-Type; send it as application/json.")
                                : "The body is sent as another type; send it as application/json in UTF-8.",
                            {{FieldError::Where::header, "Content-Type", "Wanted is application/json."}});
    answer.fields.set("Accept", "application/json");
    return {nullptr, std::move(answer)};
  }
  Guard guard;
  try {
    auto value = std::make_shared<const Json>(Json::parse(body, std::ref(guard)));
    if (!guard.fault().empty()) return {nullptr, not_json(guard.fault())};
    return {std::move(value), {}};
  } catch (const Json::parse_error& error) {
    if (!guard.fault().empty()) return {nullptr, not_json(guard.fault())};
    return {nullptr, not_json("The syntax breaks at " + position(body, error.byte) + ".")};
  } catch (const Json::out_of_range&) {
    return {nullptr, not_json("A number in it is too large.")};
  }
}

}  // namespace postern::staff
