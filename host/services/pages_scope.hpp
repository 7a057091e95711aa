// The values of a page: a stack of JSON objects, the innermost first, looked up as mustache says.
// Only pages_*.cpp include this.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "host/services/pages_message.hpp"

namespace postern::services {

using Json = nlohmann::json;

/// A name as it stands in a template, split at its dots; empty: `{{.}}`.
using Path = std::vector<std::string>;

class Scope final : public Arguments {
 public:
  /// What is pushed outlives the scope.
  void push(const Json& value) { values_.push_back(&value); }
  void pop() { values_.pop_back(); }

  /// The first part is looked up from the innermost object outwards, the others below it. Null when there is
  /// none.
  const Json* find(const Path& path) const {
    if (path.empty()) return values_.back();
    const Json* found = find(path.front());
    for (std::size_t i = 1; found != nullptr && i < path.size(); ++i) found = member(*found, path[i]);
    return found;
  }

  Argument argument(std::string_view name) const override {
    const Json* value = find(name);
    if (value == nullptr || value->is_null()) return {};
    if (value->is_string()) return {Argument::Kind::text, value->get_ref<const std::string&>(), 0};
    if (value->is_number_integer()) return {Argument::Kind::integer, {}, value->get<std::int64_t>()};
    if (value->is_boolean()) return {Argument::Kind::text, value->get<bool>() ? "true" : "false", 0};
    return {};
  }

 private:
  static const Json* member(const Json& value, std::string_view name) {
    if (!value.is_object()) return nullptr;
    const auto found = value.find(name);
    return found == value.end() ? nullptr : &*found;
  }
  const Json* find(std::string_view name) const {
    for (auto value = values_.rbegin(); value != values_.rend(); ++value)
      if (const Json* found = member(**value, name)) return found;
    return nullptr;
  }

  std::vector<const Json*> values_;
};

/// Nothing, false, 0, "" and [] leave a section out.
inline bool is_true(const Json* value) {
  if (value == nullptr || value->is_null()) return false;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_string()) return !value->get_ref<const std::string&>().empty();
  if (value->is_array()) return !value->empty();
  if (value->is_number_integer()) return value->get<std::int64_t>() != 0;
  return true;
}

}  // namespace postern::services
