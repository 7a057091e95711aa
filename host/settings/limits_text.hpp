// A field's limits in words for tables and samples: "1 to 64", "error, warning or info".
#pragma once

#include <string>

#include "host/settings/schema.hpp"

namespace postern::settings {

std::string limits_text(const Field& field);  // [any thread]

}  // namespace postern::settings
