#include "text.hpp"

#include <algorithm>

namespace postern::share {
namespace {

using text::is_control;
using text::take_point;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_letter_or_digit(char c) { return is_digit(c) || is_letter(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Direction overrides and isolates make a name read as what it is not.
bool turns_direction(std::uint32_t point) {
  return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

std::optional<std::size_t> characters(std::string_view text, Lines lines) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    std::uint32_t point = 0;
    if (!take_point(text, point) || turns_direction(point)) return std::nullopt;
    if (is_control(point) && (lines == Lines::one || (point != '\n' && point != '\t'))) return std::nullopt;
  }
  return count;
}

std::string tidied(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 >= text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 60;  // bytes
  std::string out;
  while (!text.empty()) {
    std::string_view rest = text;
    std::uint32_t point = 0;
    const bool plain = take_point(rest, point) && !turns_direction(point) && !is_control(point);
    if (!plain) rest = text.substr(1);
    if (out.size() + (text.size() - rest.size()) > kMost) return out + "…";
    out += plain ? text.substr(0, text.size() - rest.size()) : "?";
    text = rest;
  }
  return out;
}

bool is_phone(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text.front() == '+' && text[1] != '0' &&
         std::all_of(text.begin() + 1, text.end(), is_digit);
}

bool is_language(std::string_view text) {
  if (text.size() > 35) return false;
  for (bool first = true;; first = false) {
    const std::size_t dash = text.find('-');
    const std::string_view part = text.substr(0, dash);
    if (part.empty() || part.size() > 8) return false;
    if (first && (part.size() < 2 || !std::all_of(part.begin(), part.end(), is_letter))) return false;
    if (!std::all_of(part.begin(), part.end(), is_letter_or_digit)) return false;
    if (dash == std::string_view::npos) return true;
    text.remove_prefix(dash + 1);
  }
}

bool is_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string uuid7(Timestamp now, std::string_view random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  random = random.substr(random.size() - 19);
  std::string hex;
  for (int shift = 44; shift >= 0; shift -= 4)
    hex += kDigits[static_cast<std::size_t>(now.ms >> shift) & 15U];
  hex += '7';
  hex += random.substr(0, 3);
  hex += kDigits[8 + (kDigits.find(random[3]) & 3U)];  // the variant
  hex += random.substr(4);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, 1, '-');
  return hex;
}

}  // namespace postern::share
