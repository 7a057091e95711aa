#include "host/web/negotiate.hpp"

#include <algorithm>
#include <optional>

namespace postern::web {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the part before the next `mark` out of `rest`.
std::string_view next(std::string_view& rest, char mark) {
  const auto end = rest.find(mark);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(part);
}

bool same(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

/// True unless the parameters say q=0, q=0.0, ...
bool is_wanted(std::string_view parameters) {
  while (!parameters.empty()) {
    auto parameter = next(parameters, ';');
    if (parameter.size() < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') continue;
    parameter.remove_prefix(2);
    return parameter.find_first_of("123456789") != std::string_view::npos;
  }
  return true;
}

}  // namespace

Codings accepted_codings(std::string_view accept_encoding) {
  std::optional<bool> br, gzip, any;
  while (!accept_encoding.empty()) {
    auto entry = next(accept_encoding, ',');
    const auto coding = next(entry, ';');
    if (same(coding, "br")) br = is_wanted(entry);
    if (same(coding, "gzip") || same(coding, "x-gzip")) gzip = is_wanted(entry);
    if (coding == "*") any = is_wanted(entry);
  }
  const bool others = any.value_or(false);
  return {br.value_or(others), gzip.value_or(others)};
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  if (trimmed(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    auto tag = next(if_none_match, ',');
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace postern::web
