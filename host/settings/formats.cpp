#include "host/settings/formats.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace postern::settings {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }

template <class F>
bool all(std::string_view text, F&& test) {
  return std::all_of(text.begin(), text.end(), std::forward<F>(test));
}

using Unit = std::pair<std::string_view, std::int64_t>;

constexpr std::array<Unit, 6> kDurations{
    {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 9> kSizes{{{"TiB", 1LL << 40},
                                      {"GiB", 1LL << 30},
                                      {"MiB", 1LL << 20},
                                      {"KiB", 1LL << 10},
                                      {"TB", 1'000'000'000'000},
                                      {"GB", 1'000'000'000},
                                      {"MB", 1'000'000},
                                      {"kB", 1000},
                                      {"B", 1}}};

template <std::size_t N>
std::optional<std::int64_t> parse_quantity(std::string_view text, const std::array<Unit, N>& units,
                                           bool space) {
  std::int64_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || !is_digit(text[0])) return std::nullopt;
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (space && unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, factor] : units) {
    std::int64_t product = 0;
    if (unit == name && !__builtin_mul_overflow(count, factor, &product)) return product;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  return parse_quantity(text, kDurations, false);
}
std::optional<std::int64_t> parse_size(std::string_view text) { return parse_quantity(text, kSizes, true); }

std::string format_duration(std::int64_t milliseconds) {
  for (const auto& [unit, factor] : kDurations) {
    if (unit == "w" || milliseconds % factor != 0 || milliseconds == 0) continue;  // 14d reads better than 2w
    return std::to_string(milliseconds / factor) + std::string(unit);
  }
  return "0s";
}

std::string format_size(std::int64_t bytes) {
  for (const auto& [unit, factor] : kSizes) {
    if (bytes == 0 || bytes % factor != 0) continue;
    return std::to_string(bytes / factor) + " " + std::string(unit);
  }
  return "0 B";
}

std::optional<std::string> parse_colour(std::string_view text) {
  if (!text.starts_with('#') || (text.size() != 4 && text.size() != 7)) return std::nullopt;
  std::string out = "#";
  for (char c : text.substr(1)) {
    char lower = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    if (!is_digit(lower) && !(lower >= 'a' && lower <= 'f')) return std::nullopt;
    out.append(text.size() == 4 ? 2 : 1, lower);
  }
  return out;
}

bool is_language(std::string_view text) {
  std::array<std::string_view, 3> parts;
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= text.size() && count < 4;) {
    auto end = std::min(text.find('-', begin), text.size());
    if (count == parts.size()) return false;
    parts[count++] = text.substr(begin, end - begin);
    begin = end + 1;
  }
  if (parts[0].size() < 2 || parts[0].size() > 3 || !all(parts[0], is_lower)) return false;
  std::size_t next = 1;
  bool script = next < count && parts[next].size() == 4 && is_upper(parts[next][0]) &&
                all(parts[next].substr(1), is_lower);
  if (script) ++next;
  bool region = next < count && ((parts[next].size() == 2 && all(parts[next], is_upper)) ||
                                 (parts[next].size() == 3 && all(parts[next], is_digit)));
  if (region) ++next;
  return next == count;
}

bool is_secret_reference(std::string_view text) {
  if (text.starts_with("file:")) return text.size() > 5 && text[5] != ' ';
  if (!text.starts_with("env:")) return false;
  auto variable = text.substr(4);
  return !variable.empty() && !is_digit(variable[0]) &&
         all(variable, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_firm_id(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_lower(text[0]) && text.back() != '-' &&
         all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_plugin_id(std::string_view text) { return text.size() <= 32 && is_firm_id(text); }

bool is_key_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_lower(text[0]) &&
         all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_service(std::string_view text) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos || !is_plugin_id(text.substr(0, slash))) return false;
  auto revision = text.substr(slash + 1);
  return !revision.empty() && revision.size() <= 4 && revision[0] != '0' && all(revision, is_digit);
}

}  // namespace postern::settings
