// The names a template may use: a stack of values, the innermost first, looked up as mustache says.
// Only pages_*.cpp include this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/services/pages_message.hpp"
#include "host/services/pages_values.hpp"

namespace postern::services {

/// A name as it stands in a template, split at its dots; empty: `{{.}}`.
using Path = std::vector<std::string>;

/// A value and the tree it belongs to.
struct Found {
  const PageValues* tree = nullptr;
  const PageValue* value = nullptr;
  explicit operator bool() const { return value != nullptr; }
};

class Scope final : public Arguments {
 public:
  Scope() { stack_.reserve(8); }
  /// What is pushed outlives the scope.
  void push(const PageValues& tree) { stack_.push_back({&tree, &tree.root()}); }
  void push(Found value) { stack_.push_back(value); }
  void pop() { stack_.pop_back(); }

  /// The first part is looked up from the innermost object outwards, the others below it.
  Found find(const Path& path) const {
    if (path.empty()) return stack_.back();
    auto found = find(std::string_view(path.front()));
    for (std::size_t i = 1; found && i < path.size(); ++i)
      found.value = found.tree->member(*found.value, path[i]);
    return found;
  }

  Argument argument(std::string_view name) const override {
    const auto found = find(name);
    if (!found) return {};
    switch (found.value->kind) {
      case PageValue::Kind::text:
        return {Argument::Kind::text, found.value->text, 0};
      case PageValue::Kind::integer:
        return {Argument::Kind::integer, {}, found.value->integer};
      case PageValue::Kind::yes:
        return {Argument::Kind::text, "true", 0};
      case PageValue::Kind::no:
        return {Argument::Kind::text, "false", 0};
      default:
        return {};
    }
  }

 private:
  Found find(std::string_view name) const {
    for (auto level = stack_.rbegin(); level != stack_.rend(); ++level)
      if (const auto* value = level->tree->member(*level->value, name)) return {level->tree, value};
    return {};
  }

  std::vector<Found> stack_;
};

/// Nothing, false, 0, "" and [] leave a section out.
inline bool is_true(const Found& found) {
  if (!found) return false;
  switch (found.value->kind) {
    case PageValue::Kind::null:
    case PageValue::Kind::no:
      return false;
    case PageValue::Kind::text:
      return !found.value->text.empty();
    case PageValue::Kind::list:
      return !found.value->is_empty();
    case PageValue::Kind::integer:
      return found.value->integer != 0;
    default:
      return true;
  }
}

}  // namespace postern::services
