#include "host/settings/scalar.hpp"

#include <algorithm>
#include <charconv>

namespace postern::settings {

namespace {

bool digits_only(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool parse_integer(std::string_view text, std::int64_t& out) {
  int base = 10;
  bool negative = false;
  if (text.starts_with("0o")) {
    base = 8;
    text.remove_prefix(2);
  } else if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.starts_with('+') || text.starts_with('-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text.front() == '-' || text.front() == '+') return false;
  std::uint64_t magnitude = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  constexpr std::uint64_t kMost = 0x7fff'ffff'ffff'ffffULL;
  if (magnitude > kMost) return false;
  out = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  return true;
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (auto exponent = text.find_first_of("eE"); exponent != std::string_view::npos) {
    auto power = text.substr(exponent + 1);
    if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
    if (!digits_only(power)) return false;
    text = text.substr(0, exponent);
  }
  auto point = text.find('.');
  if (point == std::string_view::npos) return digits_only(text);
  auto whole = text.substr(0, point), fraction = text.substr(point + 1);
  if (whole.empty()) return digits_only(fraction);
  return digits_only(whole) && (fraction.empty() || digits_only(fraction));
}

bool parse_number(std::string_view text, double& out) {
  if (!looks_like_number(text)) return false;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void type_plain_scalar(const std::string& text, Node& node) {
  node.text = text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    node.kind = Value::Kind::null;
  } else if (text == "true" || text == "True" || text == "TRUE") {
    node.kind = Value::Kind::boolean;
    node.boolean = true;
  } else if (text == "false" || text == "False" || text == "FALSE") {
    node.kind = Value::Kind::boolean;
  } else if (parse_integer(text, node.integer)) {
    node.kind = Value::Kind::integer;
  } else if (parse_number(text, node.number)) {
    node.kind = Value::Kind::number;
  } else {
    node.kind = Value::Kind::text;
  }
}

}  // namespace postern::settings
