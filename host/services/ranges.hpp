// The Range field (RFC 9110 section 14), conditions (section 13) and dates (section 5.6.7), as pure functions
// of text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postern/time.hpp"

namespace postern::services {

/// A piece of a content, at least one byte long.
struct ByteRange {
  std::int64_t offset = 0;
  std::int64_t length = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct RangeAnswer {
  enum class Kind : std::uint8_t {
    whole,  // no Range, one that must be ignored (malformed, foreign unit, too many), or a suffix of nothing
    partial,        // `ranges` holds at least one
    unsatisfiable,  // 416
  };
  Kind kind = Kind::whole;
  std::vector<ByteRange>
      ranges;  // in the order asked for; those that overlap or touch are joined where the first stood
};

inline constexpr std::size_t kRangeLimit = 16;  // more in one field: the field is ignored

/// What to send of a content of `bytes` bytes. [any thread]
RangeAnswer parse_ranges(std::string_view field, std::int64_t bytes);

/// "bytes 0-99/1234" [any thread]
std::string content_range(const ByteRange& range, std::int64_t bytes);

/// Whether an If-Match or If-None-Match list names `etag` (strong, with its quotes). "*" names everything.
/// Weak entries match only in the weak comparison. A malformed list names nothing. [any thread]
enum class Comparison : std::uint8_t { strong, weak };
bool names_etag(std::string_view list, std::string_view etag, Comparison comparison);

/// Seconds since the epoch of an HTTP date in any of its three forms; empty when it is none. The two digits
/// of RFC 850's year mean 1970 to 2069. [any thread]
std::optional<std::int64_t> parse_http_date(std::string_view text);
/// "Sun, 06 Nov 1994 08:49:37 GMT"; the milliseconds are cut off. [any thread]
std::string http_date(Timestamp time);

}  // namespace postern::services
