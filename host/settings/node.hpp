// What stands behind a Value. Only the reader (parse.cpp) and the checker (validate.cpp) build nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "host/settings/value.hpp"

namespace postern::settings {

/// One step of a key path. Linked to the step before it, so that a thousand siblings share one long prefix.
struct PathStep {
  std::shared_ptr<const PathStep> parent;  // null: the root is before it
  std::string key;                         // of a map
  int index = -1;                          // of a list, when not negative
};

struct Position {
  int line = 0;  // from 1; 0: nowhere
  int column = 0;
};

struct Node {
  Value::Kind kind = Value::Kind::null;
  bool boolean = false;
  bool secret = false;
  bool from_default = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text;  // of a text; of other scalars as written, for messages
  Value::List list;
  Value::Map map;
  Position at;
  Position key_at;
  std::shared_ptr<const std::string> file;
  std::shared_ptr<const PathStep> step;
};

std::string to_string(const PathStep* step);

}  // namespace postern::settings
