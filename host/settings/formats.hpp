// The forms of texts in settings: durations, sizes, host names and so on. No YAML here: also for the staff
// API, forms and the command line. Every function is [any thread].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::settings {

/// "2w" "30d" "12h" "15m" "90s" "250ms" to milliseconds; one number, one unit, no space.
std::optional<std::int64_t> parse_duration(std::string_view text);
/// The shortest exact form: 86'400'000 is "1d".
std::string format_duration(std::int64_t milliseconds);

/// "100 B" "10 kB" "5 MB" "512 MiB" "3 GiB" to bytes; the space may be left out.
std::optional<std::int64_t> parse_size(std::string_view text);
std::string format_size(std::int64_t bytes);

/// One address of the form local@domain, 254 bytes at most (RFC 5321 4.5.3.1); no quoted local parts, no
/// comments.
bool is_email(std::string_view text);

/// http or https with a host; no user, no blanks (RFC 3986).
bool is_url(std::string_view text);
struct UrlParts {
  std::string scheme;      // lower case
  std::string host;        // lower case, IPv6 without brackets
  std::uint16_t port = 0;  // the scheme's own when not written
  std::string path;        // with query; "" or begins with '/'
};
std::optional<UrlParts> split_url(std::string_view text);

/// A DNS name (RFC 1123 2.1; international names in their xn-- form), or an IPv4 or IPv6 address without
/// brackets.
bool is_host_name(std::string_view text);
/// localhost, *.localhost (RFC 6761 6.3), 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host);

/// "#rgb" or "#rrggbb" to lower-case "#rrggbb".
std::optional<std::string> parse_colour(std::string_view text);

/// A language, script and region subtag (a part of RFC 5646): "en", "pt-BR", "zh-Hant-TW".
bool is_language(std::string_view text);

/// A zone that the system's database has: "Europe/Madrid". [may block]
bool is_time_zone(std::string_view text);
/// Every zone of the database, for hints. Empty when it is not installed. [may block]
std::vector<std::string> time_zones();

/// "file:PATH" or "env:NAME".
bool is_secret_reference(std::string_view text);

/// Where to listen.
struct Address {
  std::string host;        // an IP address; "unix:/path" for a socket
  std::uint16_t port = 0;  // 0: the kernel chooses
  bool is_unix() const { return host.starts_with("unix:"); }
};
std::optional<Address> parse_address(std::string_view text);

/// "192.0.2.1", "10.0.0.0/8", "::1", "fd00::/8".
bool is_network(std::string_view text);

/// Lower-case letters, digits and dashes, a letter first, at most 40: what names a firm and its folder.
bool is_firm_id(std::string_view text);
/// The same, at most 32: "share", "e-sign".
bool is_plugin_id(std::string_view text);
/// Lower-case letters, digits and underscores, a letter first, at most 40: a key of a plugin's settings.
bool is_key_name(std::string_view text);
/// "documents/1"
bool is_service(std::string_view text);

}  // namespace postern::settings
