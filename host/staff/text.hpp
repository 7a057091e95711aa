// Small checks on texts that strangers send: UTF-8, times, email addresses. Pure functions. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postern/time.hpp"

namespace postern::staff {

/// Code points of `text`; empty when it is not UTF-8 (RFC 3629: no surrogates, no overlong forms) or holds a
/// control character (C0, DEL, C1).
std::optional<std::size_t> plain_length(std::string_view text);

/// One address as a browser's email field takes it (HTML, "valid email address"), at most 254 bytes.
bool is_email(std::string_view text);

/// "2026-01-31T12:00:00.000Z".
std::string to_rfc3339(Timestamp time);
/// RFC 3339 section 5.6 with any offset; fractions finer than a millisecond are cut. Empty when it is not
/// one, or no day of the calendar.
std::optional<Timestamp> from_rfc3339(std::string_view text);

}  // namespace postern::staff
