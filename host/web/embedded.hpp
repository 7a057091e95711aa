// The host's own files, inside the program: pages/*.html, messages/*.yaml, schema.sql, and the assets made by
// build.mjs (assets/*). See cmake/Embed.cmake for how they get there.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace postern::web {

/// Path -> content; the same type as services::Files.
using Files = std::map<std::string, std::string>;

/// A copy of every embedded file. [any thread]
Files embedded_files();

/// One embedded file; an empty view when there is none. Lives as long as the program. [any thread]
std::string_view embedded_file(std::string_view path);

}  // namespace postern::web
