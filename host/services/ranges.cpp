#include "host/services/ranges.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <limits>

namespace postern::services {
namespace {

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// 1*DIGIT; what is too large for a number is larger than every content.
std::optional<std::int64_t> number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value > (kHuge - 9) / 10 ? kHuge : value * 10 + (c - '0');
  }
  return value;
}

/// Joins `range` with those it overlaps or touches (section 14.2 allows that, and it keeps a hostile list of
/// overlapping ranges from multiplying the content).
void add(std::vector<ByteRange>& ranges, ByteRange range) {
  auto place = ranges.end();
  for (auto other = ranges.begin(); other != ranges.end();) {
    const bool apart =
        other->offset > range.offset + range.length || range.offset > other->offset + other->length;
    if (apart) {
      ++other;
      continue;
    }
    const auto end = std::max(other->offset + other->length, range.offset + range.length);
    range.offset = std::min(other->offset, range.offset);
    range.length = end - range.offset;
    if (place == ranges.end()) {
      place = other++;
    } else {
      other = ranges.erase(other);
    }
    *place = range;
  }
  if (place == ranges.end()) ranges.push_back(range);
}

enum class Spec : std::uint8_t { malformed, nothing, everything, range };

/// One range-spec (section 14.1.2).
Spec parse_spec(std::string_view spec, std::int64_t bytes, ByteRange& range) {
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return Spec::malformed;
  const auto second = number(spec.substr(dash + 1));
  if (dash == 0) {
    if (!second) return Spec::malformed;
    if (*second == 0) return Spec::nothing;
    if (bytes == 0) return Spec::everything;
    const auto length = std::min(*second, bytes);
    range = {bytes - length, length};
    return Spec::range;
  }
  const auto first = number(spec.substr(0, dash));
  if (!first || (!second && dash + 1 != spec.size()) || (second && *second < *first)) return Spec::malformed;
  if (*first >= bytes) return Spec::nothing;
  range = {*first, std::min(second.value_or(kHuge), bytes - 1) - *first + 1};
  return Spec::range;
}

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

/// Reads a text from the left; everything after a mismatch fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  void expect(std::string_view wanted) {
    if (rest_.starts_with(wanted)) {
      rest_.remove_prefix(wanted.size());
    } else {
      sound_ = false;
    }
  }
  int digits(std::size_t count) {
    const auto value = rest_.size() < count ? std::nullopt : number(rest_.substr(0, count));
    if (!value) sound_ = false;
    if (sound_) rest_.remove_prefix(count);
    return static_cast<int>(value.value_or(0));
  }
  /// Two characters, the first one a space or a digit (asctime).
  int day() {
    if (!rest_.starts_with(' ')) return digits(2);
    expect(" ");
    return digits(1);
  }
  unsigned month() {
    for (unsigned i = 0; i < kMonths.size(); ++i)
      if (rest_.starts_with(kMonths[i])) return rest_.remove_prefix(3), i + 1;
    sound_ = false;
    return 0;
  }
  std::int64_t time() {
    const int hours = digits(2);
    expect(":");
    const int minutes = digits(2);
    expect(":");
    const int seconds = digits(2);
    if (hours > 23 || minutes > 59 || seconds > 60) sound_ = false;  // 60: a leap second
    return hours * 3600 + minutes * 60 + seconds;
  }
  bool finished() const { return sound_ && rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool sound_ = true;
};

std::optional<std::int64_t> epoch(int year, unsigned month, int day, std::int64_t seconds) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86400 + seconds;
}

}  // namespace

RangeAnswer parse_ranges(std::string_view field, std::int64_t bytes) {
  const auto equals = field.find('=');
  if (equals != 5) return {};
  for (std::size_t i = 0; i < 5; ++i)  // units compare without case (section 14.1)
    if ((field[i] | 0x20) != "bytes"[i]) return {};
  RangeAnswer answer;
  std::size_t specs = 0;
  bool everything = false;
  for (std::size_t start = equals + 1; start <= field.size();) {
    const auto comma = std::min(field.find(',', start), field.size());
    const auto spec = trimmed(field.substr(start, comma - start));
    start = comma + 1;
    if (spec.empty()) continue;  // empty list elements are allowed (section 5.6.1.2)
    if (++specs > kRangeLimit) return {};
    ByteRange range;
    switch (parse_spec(spec, bytes, range)) {
      case Spec::malformed:
        return {};
      case Spec::nothing:
        break;
      case Spec::everything:
        everything = true;
        break;
      case Spec::range:
        add(answer.ranges, range);
        break;
    }
  }
  if (specs == 0 || everything) return {};
  answer.kind = answer.ranges.empty() ? RangeAnswer::Kind::unsatisfiable : RangeAnswer::Kind::partial;
  return answer;
}

std::string content_range(const ByteRange& range, std::int64_t bytes) {
  return "bytes " + std::to_string(range.offset) + "-" + std::to_string(range.offset + range.length - 1) +
         "/" + std::to_string(bytes);
}

bool names_etag(std::string_view list, std::string_view etag, Comparison comparison) {
  list = trimmed(list);
  if (list == "*") return true;
  bool found = false;
  while (!list.empty()) {
    if (list.front() == ',' || is_space(list.front())) {
      list.remove_prefix(1);
      continue;
    }
    const bool weak = list.starts_with("W/");
    if (weak) list.remove_prefix(2);
    const auto close = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
    if (close == std::string_view::npos) return false;
    const auto tag = list.substr(0, close + 1);
    list.remove_prefix(close + 1);
    const auto next = trimmed(list);
    if (!next.empty() && next.front() != ',') return false;
    if (tag == etag && (!weak || comparison == Comparison::weak)) found = true;
  }
  return found;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  Scanner scan(text);
  const auto name =
      std::find_if(kDays.begin(), kDays.end(), [&](auto day) { return text.starts_with(day.substr(0, 3)); });
  if (name == kDays.end()) return std::nullopt;
  if (text.starts_with(*name)) {  // Sunday, 06-Nov-94 08:49:37 GMT
    scan.expect(*name);
    scan.expect(", ");
    const int day = scan.digits(2);
    scan.expect("-");
    const unsigned month = scan.month();
    scan.expect("-");
    const int two_digits = scan.digits(2);
    const int year = two_digits + (two_digits < 70 ? 2000 : 1900);
    scan.expect(" ");
    const auto seconds = scan.time();
    scan.expect(" GMT");
    return scan.finished() ? epoch(year, month, day, seconds) : std::nullopt;
  }
  scan.expect(name->substr(0, 3));
  const bool fixed = scan.rest().starts_with(",");  // Sun, 06 Nov 1994 08:49:37 GMT
  scan.expect(fixed ? ", " : " ");                  // Sun Nov  6 08:49:37 1994
  int day = 0;
  int year = 0;
  unsigned month = 0;
  if (fixed) {
    day = scan.digits(2);
    scan.expect(" ");
    month = scan.month();
    scan.expect(" ");
    year = scan.digits(4);
  } else {
    month = scan.month();
    scan.expect(" ");
    day = scan.day();
  }
  scan.expect(" ");
  const auto seconds = scan.time();
  scan.expect(" ");
  if (fixed) {
    scan.expect("GMT");
  } else {
    year = scan.digits(4);
  }
  return scan.finished() ? epoch(year, month, day, seconds) : std::nullopt;
}

std::string http_date(Timestamp time) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds(time.ms)};
  const auto midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss clock{floor<seconds>(moment - midnight)};
  const auto day_name = kDays[weekday(midnight).c_encoding()].substr(0, 3);
  const auto month_name = kMonths[static_cast<unsigned>(date.month()) - 1];
  std::array<char, 64> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT", day_name.data(),
                    static_cast<unsigned>(date.day()), month_name.data(), static_cast<int>(date.year()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace postern::services
