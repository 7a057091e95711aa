// The reader behind load.hpp: YAML text to nodes. parse.cpp is the only file of the host that knows yaml-cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/settings/load.hpp"
#include "host/settings/node.hpp"

namespace postern::settings {

/// Where the root of the text stands in a larger file, for defaults that are filled in.
struct Origin {
  std::shared_ptr<const std::string> file;
  std::shared_ptr<const PathStep> step;
  Position at;  // for every node, when from_default
  bool from_default = false;
};

struct Parsed {
  Value value;
  Problems problems;
  bool complete = true;  // false: the text could not be read to its end, `value` is what came before
};

Parsed parse(std::string_view text, const Origin& origin);

}  // namespace postern::settings
