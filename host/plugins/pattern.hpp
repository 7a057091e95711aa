// Patterns of routes: "documents/{document}". Literal segments and `{name}` parameters, each one whole
// segment.
#pragma once

#include <string>
#include <string_view>

namespace postern::plugins {

/// What a pattern must be, when it is not; empty: it is one. [any thread]
std::string pattern_mistake(std::string_view pattern);

/// The pattern with its parameters' names taken out: two routes of one method and shape would match the same
/// paths.
std::string pattern_shape(std::string_view pattern);

}  // namespace postern::plugins
