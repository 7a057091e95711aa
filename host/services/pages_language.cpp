#include "host/services/pages_language.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace postern::services {
namespace {

constexpr std::size_t kLongest = 512;  // bytes of a field that are read
constexpr int kMostRanges = 16;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view primary(std::string_view tag) { return tag.substr(0, tag.find('-')); }

const std::string* match(std::span<const std::string> languages, std::string_view wished) {
  for (auto range = wished; !range.empty();) {
    for (const auto& language : languages)
      if (same(language, range)) return &language;
    const auto dash = range.rfind('-');
    range = dash == std::string_view::npos ? std::string_view() : range.substr(0, dash);
  }
  for (const auto& language : languages)
    if (same(primary(language), primary(wished)) && !wished.empty()) return &language;
  return nullptr;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view next(std::string_view& rest, char mark) {
  const auto end = rest.find(mark);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(part);
}

/// "0.8" as 800; 1000 when there is none; 0 when it is malformed.
int weight(std::string_view parameters) {
  const auto parameter = next(parameters, ';');
  if (parameter.empty()) return 1000;
  if (parameter.size() < 3 || lower(parameter[0]) != 'q' || parameter[1] != '=') return 0;
  const auto digits = parameter.substr(2);
  if (digits.size() > 5 || (digits.size() > 1 && digits[1] != '.')) return 0;
  if (digits[0] == '1') return 1000;
  int value = 0, place = 100;
  for (std::size_t i = 2; i < digits.size(); ++i, place /= 10) {
    if (digits[i] < '0' || digits[i] > '9') return 0;
    value += (digits[i] - '0') * place;
  }
  return value;
}

}  // namespace

std::string choose_language(std::span<const std::string> languages, std::string_view wished,
                            std::string_view accept_language, std::string_view fallback) {
  if (const auto* found = match(languages, wished.substr(0, 64))) return *found;
  auto rest = accept_language.substr(0, kLongest);
  std::vector<std::pair<int, std::string_view>> ranges;
  while (!rest.empty() && ranges.size() < kMostRanges) {
    auto entry = next(rest, ',');
    const auto range = next(entry, ';');
    if (const int q = weight(entry); q > 0 && range.size() <= 64) ranges.emplace_back(q, range);
  }
  std::stable_sort(ranges.begin(), ranges.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [q, range] : ranges) {
    if (range == "*") break;
    if (const auto* found = match(languages, range)) return *found;
  }
  return std::string(fallback);
}

}  // namespace postern::services
