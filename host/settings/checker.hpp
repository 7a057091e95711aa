// The walk of a Value along a Schema: gathers every problem and builds the checked tree, with defaults filled
// in and units converted. Used by load.cpp and schema_from.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/settings/node.hpp"
#include "host/settings/parse.hpp"
#include "host/settings/schema.hpp"

namespace postern::settings {

class Checker {
 public:
  /// `complete` false: the file broke off, so a missing key means nothing. `problems` outlives this.
  Checker(Problems& problems, bool complete) : problems_(problems), complete_(complete) {}

  /// `value` has a node and is a map.
  Value map_with_fields(const Value& value, const std::vector<Field>& fields);
  /// `value` has a node.
  Value one(const Field& field, const Value& value);

 private:
  void add(const Value& value, std::string wanted, std::string hint = {}, std::string found = {});
  void unknown_key(const std::string& key, const Value& entry, const std::vector<std::string>& known);
  /// Null, after saying so.
  Value wrong_kind(const Field& field, const Value& value);
  Value absent(const Field& field, const std::string& key, const Value& parent, const Value& written);
  Value by_default(const Field& field, const Origin& origin, std::string_view yaml);
  Value typed(const Field& field, const Value& value);
  Value list(const Field& field, const Value& value);
  Value map(const Field& field, const Value& value);
  Value text_form(const Field& field, const Value& value);

  Problems& problems_;
  bool complete_;
};

}  // namespace postern::settings
