// Texts that strangers send, as the staff API takes them. Pure functions. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postern/text.hpp"

namespace postern::staff {

using text::from_rfc3339;
using text::is_email;
using text::to_rfc3339;

/// Code points of `text`; empty when it is not UTF-8 (RFC 3629: no surrogates, no overlong forms) or holds a
/// control character (C0, DEL, C1).
std::optional<std::size_t> plain_length(std::string_view text);

}  // namespace postern::staff
