// JSON for plugins, on nlohmann's library. Optional: include it where you want it, and install
// nlohmann-json3-dev. Layer 2: compiled into the plugin, never crosses the boundary.
//
//   POSTERN_TRY(auto body, Body::of(c));
//   POSTERN_TRY(auto title, body.text("title", {.longest = 200}));
//   c.json(dump({{"id", id}, {"title", title}}), 201);
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "postern/comfort.hpp"
#include "postern/result.hpp"

namespace postern {

using Json = nlohmann::json;

/// UTF-8 on one line. Bytes that are not UTF-8 are replaced, since an answer may quote what somebody sent.
inline std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A sink's JSON text, e.g. a line of the audit. Code::invalid when it is none.
inline Result<Json> parse_json(std::string_view text) {
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return {Code::invalid, "this is not JSON"};
  return json;
}

/// What a text of a body may be. Lengths in bytes.
struct TextRule {
  std::size_t shortest = 1;
  std::size_t longest = 1000;
};

/// The fields of a JSON object that somebody sent. Each getter names the field, what was found and what is
/// wanted.
class Body {
 public:
  static Result<Body> of(const Context& context) {
    auto json = Json::parse(context.body(), nullptr, false);
    if (!json.is_object()) return {Code::invalid, "the body is not a JSON object, which is wanted here"};
    return Body(std::move(json));
  }

  /// Refuses fields nobody reads, so that a misspelt one is not lost in silence. [call it first]
  Result<void> only(std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : json_.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        std::string list;
        for (auto name : known) list += (list.empty() ? "" : ", ") + std::string(name);
        return {Code::invalid, "the field is not known here; wanted: " + list, "/" + key};
      }
    }
    return {};
  }

  bool has(const char* field) const { return json_.contains(field) && !json_[field].is_null(); }

  Result<std::string> text(const char* field, TextRule rule = {}) const {
    if (!has(field)) return missing(field);
    const auto& value = json_[field];
    if (!value.is_string()) return wrong(field, "a text");
    auto text = value.get<std::string>();
    if (text.size() >= rule.shortest && text.size() <= rule.longest) return text;
    return wrong(field, "a text of " + std::to_string(rule.shortest) + " to " + std::to_string(rule.longest) +
                            " bytes");
  }
  /// `otherwise` when the field is not there or null.
  Result<std::string> text_or(const char* field, std::string otherwise,
                              TextRule rule = {.shortest = 0}) const {
    if (!has(field)) return otherwise;
    return text(field, rule);
  }

  Result<std::int64_t> integer(const char* field, std::int64_t least, std::int64_t most) const {
    if (!has(field)) return missing(field);
    const auto& value = json_[field];
    bool whole =
        value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
    if (whole && value.get<std::int64_t>() >= least && value.get<std::int64_t>() <= most) {
      return value.get<std::int64_t>();
    }
    return wrong(field, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }

  Result<bool> flag_or(const char* field, bool otherwise) const {
    if (!has(field)) return otherwise;
    if (!json_[field].is_boolean()) return wrong(field, "true or false");
    return json_[field].get<bool>();
  }

  const Json& json() const { return json_; }

 private:
  explicit Body(Json json) : json_(std::move(json)) {}
  static Error missing(const char* field) {
    return {Code::invalid, std::string(field) + " is missing", "/" + std::string(field)};
  }
  static Error wrong(const char* field, const std::string& wanted) {
    return {Code::invalid, std::string(field) + " must be " + wanted, "/" + std::string(field)};
  }

  Json json_;
};

}  // namespace postern
