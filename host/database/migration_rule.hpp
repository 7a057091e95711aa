// What a plugin's migration may do: create, alter, drop and fill its own tables and indexes, and nothing
// else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::db {

/// Empty when `statement` touches only tables and indexes whose names begin with the plugin's id and '_'
/// (each '-' of the id is '_' in names); else what it does that it may not, to follow the migration's name in
/// a sentence. [any thread]
std::optional<std::string> breach_of_prefix(std::string_view statement, std::string_view plugin);

}  // namespace postern::db
