// The kinds of plain scalars: the core schema of YAML 1.2, section 10.3.2.
#pragma once

#include <string>

#include "host/settings/node.hpp"

namespace postern::settings {

/// Sets kind, text and the number of a plain (unquoted) scalar. [any thread]
void type_plain_scalar(const std::string& text, Node& node);

}  // namespace postern::settings
