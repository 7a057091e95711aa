#include "host/staff/text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace postern::staff {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Reads exactly `digits` digits from the front of `text` and removes them.
std::optional<int> number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool skip(std::string_view& text, char upper) {
  if (text.empty() || (text.front() != upper && text.front() != upper - 'A' + 'a')) return false;
  text.remove_prefix(1);
  return true;
}

bool skip_mark(std::string_view& text, char mark) {
  if (text.empty() || text.front() != mark) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> fraction(std::string_view& text) {
  if (!skip_mark(text, '.')) return 0;
  int milliseconds = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits)
    if (digits < 3) milliseconds = milliseconds * 10 + (text[digits] - '0');
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) milliseconds *= 10;
  text.remove_prefix(digits);
  return milliseconds;
}

/// Milliseconds east of UTC; the text must end there.
std::optional<std::int64_t> offset(std::string_view text) {
  if (skip(text, 'Z')) return text.empty() ? std::optional<std::int64_t>(0) : std::nullopt;
  const bool west = skip_mark(text, '-');
  if (!west && !skip_mark(text, '+')) return std::nullopt;
  const auto hours = number(text, 2);
  if (!hours || !skip_mark(text, ':')) return std::nullopt;
  const auto minutes = number(text, 2);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t east = *hours * kHour + *minutes * kMinute;
  return west ? -east : east;
}

/// Length of the UTF-8 sequence that begins with `lead`; 0: nothing begins so. `least`: what keeps it from
/// being overlong.
std::size_t sequence_length(unsigned char lead, std::uint32_t& value, std::uint32_t& least) {
  if (lead < 0x80) return value = lead, least = 0, 1;
  if (lead >= 0xc2 && lead < 0xe0) return value = lead & 0x1fU, least = 0x80, 2;
  if (lead >= 0xe0 && lead < 0xf0) return value = lead & 0x0fU, least = 0x800, 3;
  if (lead >= 0xf0 && lead < 0xf5) return value = lead & 0x07U, least = 0x10000, 4;
  return 0;
}

}  // namespace

std::optional<std::size_t> plain_length(std::string_view text) {
  std::size_t points = 0;
  for (std::size_t at = 0; at < text.size(); ++points) {
    std::uint32_t value = 0, least = 0;
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]), value, least);
    if (length == 0 || at + length > text.size()) return std::nullopt;
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xc0U) != 0x80) return std::nullopt;
      value = (value << 6U) | (next & 0x3fU);
    }
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    const bool control = value < 0x20 || (value >= 0x7f && value < 0xa0);
    if (value < least || value > 0x10ffff || surrogate || control) return std::nullopt;
    at += length;
  }
  return points;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (text.size() > 254 || at == 0 || at == std::string_view::npos || at > 64) return false;
  for (const char c : text.substr(0, at))
    if (!is_letter_or_digit(c) && std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) == std::string_view::npos)
      return false;
  std::string_view domain = text.substr(at + 1);
  while (true) {
    const std::size_t dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
      if (!is_letter_or_digit(c) && c != '-') return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

std::string to_rfc3339(Timestamp time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds(time.ms)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::optional<Timestamp> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (text.size() > 64) return std::nullopt;
  const auto year_number = number(text, 4);
  if (!year_number || !skip_mark(text, '-')) return std::nullopt;
  const auto month_number = number(text, 2);
  if (!month_number || !skip_mark(text, '-')) return std::nullopt;
  const auto day_number = number(text, 2);
  if (!day_number || !skip(text, 'T')) return std::nullopt;
  const auto hour = number(text, 2);
  if (!hour || !skip_mark(text, ':')) return std::nullopt;
  const auto minute = number(text, 2);
  if (!minute || !skip_mark(text, ':')) return std::nullopt;
  const auto second = number(text, 2);
  if (!second) return std::nullopt;
  const auto milliseconds_part = fraction(text);
  if (!milliseconds_part) return std::nullopt;
  const auto east = offset(text);
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  // A leap second (60) counts as the second after it, as POSIX time does.
  if (!east || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days_since = sys_days(date).time_since_epoch().count();
  return Timestamp{days_since * kDay + *hour * kHour + *minute * kMinute + *second * kSecond +
                   *milliseconds_part - *east};
}

}  // namespace postern::staff
