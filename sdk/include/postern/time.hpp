// Timestamp: integer milliseconds since 1970-01-01T00:00:00Z. The same number in C++, SQL and JSON's source.
#pragma once

#include <compare>
#include <cstdint>

namespace postern {

struct Timestamp {
  std::int64_t ms = 0;

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  constexpr Timestamp operator+(std::int64_t milliseconds) const { return {ms + milliseconds}; }
  constexpr std::int64_t operator-(Timestamp other) const { return ms - other.ms; }
};

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

/// The end of a period that has none: later than every real time.
constexpr Timestamp kNever{INT64_MAX};

}  // namespace postern
