// The character classes of RFC 9110 section 5.6.2 and RFC 3986 as tables, and comparison of ASCII without
// case. Tables because strchr() finds the terminating NUL in every set. [any thread]
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace postern::http {

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet characters(std::string_view extra, bool letters_and_digits) {
  CharacterSet set{};
  for (const char c : extra) set[static_cast<unsigned char>(c)] = true;
  if (!letters_and_digits) return set;
  for (unsigned c = '0'; c <= '9'; ++c) set[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) set[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) set[c] = true;
  return set;
}

inline constexpr CharacterSet kTokenCharacters = characters("!#$%&'*+-.^_`|~", true);

/// A field value: visible ASCII, space, tab, and bytes over 0x7f (RFC 9110 section 5.5).
constexpr CharacterSet value_characters() {
  CharacterSet set{};
  set['\t'] = true;
  for (unsigned c = 0x20; c < 0x100; ++c) set[c] = c != 0x7f;
  return set;
}
inline constexpr CharacterSet kValueCharacters = value_characters();

constexpr bool in(const CharacterSet& set, char c) { return set[static_cast<unsigned char>(c)]; }

constexpr bool all_in(const CharacterSet& set, std::string_view text) {
  for (const char c : text)
    if (!in(set, c)) return false;
  return true;
}

constexpr bool is_token(std::string_view text) { return !text.empty() && all_in(kTokenCharacters, text); }

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool equal_without_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Without spaces and tabs at both ends.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `each` with every trimmed, non-empty element of a comma list (RFC 9110 section 5.6.1).
template <class Each>
void for_each_element(std::string_view list, Each&& each) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trimmed(list.substr(0, comma));
    if (!element.empty()) each(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace postern::http
