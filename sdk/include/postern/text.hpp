// Checks on texts that strangers send: UTF-8, times, email addresses. Layer 2 of the SDK: pure functions,
// compiled into the host and into each plugin. [any thread]
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "postern/time.hpp"

namespace postern::text {
namespace detail {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_letter_or_digit(char c) { return is_digit(c) || is_letter(c); }
/// Reads exactly `digits` digits from the front of `text` and removes them.
inline std::optional<int> number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

inline bool take(std::string_view& text, char mark) {
  const char small = is_letter(mark) ? static_cast<char>(mark - 'A' + 'a') : mark;
  if (text.empty() || (text.front() != mark && text.front() != small)) return false;
  text.remove_prefix(1);
  return true;
}

/// Two numbers with `mark` before the second.
inline bool take_pair(std::string_view& text, char mark, int& first, int& second) {
  const auto one = number(text, 2);
  if (!one || !take(text, mark)) return false;
  const auto two = number(text, 2);
  if (!two) return false;
  first = *one, second = *two;
  return true;
}

inline std::optional<int> milliseconds_of(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits)
    if (digits < 3) value = value * 10 + (text[digits] - '0');
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) value *= 10;
  text.remove_prefix(digits);
  return value;
}

/// Milliseconds east of UTC; the text must end there.
inline std::optional<std::int64_t> offset_of(std::string_view text) {
  if (take(text, 'Z')) return text.empty() ? std::optional<std::int64_t>(0) : std::nullopt;
  const bool west = take(text, '-');
  if (!west && !take(text, '+')) return std::nullopt;
  int hours = 0, minutes = 0;
  if (!take_pair(text, ':', hours, minutes) || !text.empty() || hours > 23 || minutes > 59)
    return std::nullopt;
  const std::int64_t east = hours * kHour + minutes * kMinute;
  return west ? -east : east;
}

}  // namespace detail

/// Takes one code point from the front of `text`, which is not empty. False: it is not UTF-8 there (RFC 3629:
/// no overlong forms, no surrogates, nothing above U+10FFFF).
inline bool take_point(std::string_view& text, std::uint32_t& point) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  std::uint32_t least = 0;
  point = lead;
  if (lead >= 0xc2 && lead < 0xe0) {
    length = 2, least = 0x80, point = lead & 0x1fU;
  } else if (lead >= 0xe0 && lead < 0xf0) {
    length = 3, least = 0x800, point = lead & 0x0fU;
  } else if (lead >= 0xf0 && lead < 0xf5) {
    length = 4, least = 0x10000, point = lead & 0x07U;
  } else if (lead >= 0x80) {
    return false;
  }
  if (text.size() < length) return false;
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80) return false;
    point = (point << 6U) | (next & 0x3fU);
  }
  text.remove_prefix(length);
  return point >= least && point <= 0x10ffff && (point < 0xd800 || point >= 0xe000);
}

/// C0, DEL and C1.
inline bool is_control(std::uint32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0); }

inline bool is_utf8(std::string_view text) {
  for (std::uint32_t point = 0; !text.empty();)
    if (!take_point(text, point)) return false;
  return true;
}

/// One address as a browser's email field takes it (HTML, "valid email address"), at most 254 bytes.
inline bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (text.size() > 254 || at == 0 || at == std::string_view::npos || at > 64) return false;
  for (const char c : text.substr(0, at))
    if (!detail::is_letter_or_digit(c) &&
        std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) == std::string_view::npos)
      return false;
  std::string_view domain = text.substr(at + 1);
  while (true) {
    const std::size_t dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
      if (!detail::is_letter_or_digit(c) && c != '-') return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

/// "2026-01-31T12:00:00.000Z".
inline std::string to_rfc3339(Timestamp time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds(time.ms)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

/// RFC 3339 section 5.6 with any offset; fractions finer than a millisecond are cut. Empty when it is not
/// one, or no day of the calendar.
inline std::optional<Timestamp> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  using namespace detail;
  if (text.size() > 64) return std::nullopt;
  const auto years = number(text, 4);
  int months = 0, day_of_month = 0, hour = 0, minute = 0;
  if (!years || !take(text, '-') || !take_pair(text, '-', months, day_of_month) || !take(text, 'T') ||
      !take_pair(text, ':', hour, minute) || !take(text, ':'))
    return std::nullopt;
  const auto second = number(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = milliseconds_of(text);
  if (!fraction) return std::nullopt;
  const auto east = offset_of(text);
  const year_month_day date{year(*years), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(day_of_month))};
  // A leap second (60) counts as the second after it, as POSIX time does.
  if (!east || !date.ok() || hour > 23 || minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days_since = sys_days(date).time_since_epoch().count();
  return Timestamp{days_since * kDay + hour * kHour + minute * kMinute + *second * kSecond + *fraction -
                   *east};
}

}  // namespace postern::text
