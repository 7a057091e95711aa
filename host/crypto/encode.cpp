// Hex, base64 and base64url. Decoders are strict: every text has at most one decoding and every decoding one
// text, so that two spellings of one token cannot exist. Not for speed; not in constant time.
#include "host/crypto/crypto.hpp"

namespace postern::crypto {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Values = std::array<std::int8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

constexpr Values kHexValues = [] {
  Values values = values_of(kHex);
  for (int i = 0; i < 6; ++i) values[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
  return values;
}();
constexpr Values kStandardValues = values_of(kStandard);
constexpr Values kUrlValues = values_of(kUrl);

std::string encode(Bytes data, std::string_view alphabet) {
  std::string text;
  text.reserve((data.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int waiting = 0;
  for (const std::byte byte : data) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
    for (waiting += 8; waiting >= 6; waiting -= 6) text += alphabet[bits >> (waiting - 6) & 63];
  }
  if (waiting > 0) text += alphabet[bits << (6 - waiting) & 63];
  return text;
}

/// `text` without padding.
std::optional<std::string> decode(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string data;
  data.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int waiting = 0;
  for (const char character : text) {
    const auto value = values[static_cast<unsigned char>(character)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    waiting += 6;
    if (waiting >= 8) {
      waiting -= 8;
      data += static_cast<char>(bits >> waiting & 255);
    }
  }
  if ((bits & ((1U << waiting) - 1)) != 0) return std::nullopt;  // stray bits: a second spelling
  return data;
}

}  // namespace

std::string hex(Bytes data) {
  std::string text;
  text.reserve(data.size() * 2);
  for (const std::byte byte : data) {
    text += kHex[std::to_integer<unsigned>(byte >> 4)];
    text += kHex[std::to_integer<unsigned>(byte & std::byte{15})];
  }
  return text;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string data;
  data.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = kHexValues[static_cast<unsigned char>(text[i])];
    const int low = kHexValues[static_cast<unsigned char>(text[i + 1])];
    if (high < 0 || low < 0) return std::nullopt;
    data += static_cast<char>(high * 16 + low);
  }
  return data;
}

std::string base64url(Bytes data) { return encode(data, kUrl); }

std::optional<std::string> unbase64url(std::string_view text) { return decode(text, kUrlValues); }

std::string base64(Bytes data) {
  std::string text = encode(data, kStandard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> unbase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode(text, kStandardValues);
}

}  // namespace postern::crypto
