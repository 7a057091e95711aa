// Request targets and authorities: taken apart strictly, and brought to the one form that routing sees, so
// that no two spellings of a path reach different rules. Pure functions. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::http {

struct Authority {
  std::string host;  // lower case; an IPv6 address keeps its brackets
  std::optional<std::uint16_t> port;
};

/// The value of a Host field or the authority of an absolute target (RFC 3986 section 3.2 without user
/// information). Empty: it is not one, or the host is empty.
std::optional<Authority> parse_authority(std::string_view text);

struct Target {
  std::string_view path;               // as sent, begins with '/'; or "*"
  std::string_view query;              // without '?'
  std::optional<Authority> authority;  // of an absolute target
  bool asterisk = false;
};

/// Origin form, absolute form with http or https, or "*" (RFC 9112 section 3.2). Empty: none of these, or a
/// character that may not stand there. The views point into `text`.
std::optional<Target> parse_target(std::string_view text);

/// Percent-decodes the path, then removes dot segments (RFC 3986 section 5.2.4). Empty: a bad escape, bytes
/// that are not UTF-8, a control character, or an escaped slash or backslash, which would change the
/// segments.
std::optional<std::string> normalise_path(std::string_view path);

}  // namespace postern::http
