// Ids: UUIDv7 as text (RFC 9562 section 5.7): they sort by time, so lists page by id.
#pragma once

#include <string>
#include <string_view>

#include "postern/time.hpp"

namespace postern::services {

/// A new id. Ids made by this process at the same millisecond still sort in the order they were made. [any thread]
std::string new_id(Timestamp now);
/// True for 36 characters of the form 8-4-4-4-12 hex. [any thread]
bool is_id(std::string_view text);

}  // namespace postern::services
