#include "host/settings/colour.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace postern::settings {

namespace {

using Rgb = std::array<int, 3>;

Rgb parse(std::string_view colour) {
  Rgb rgb{};
  for (std::size_t i = 0; i < 3; ++i) {
    const char* digits = colour.data() + 1 + 2 * i;
    std::from_chars(digits, digits + 2, rgb[i], 16);
  }
  return rgb;
}

double linear(int channel) {
  double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double contrast(const Rgb& rgb) {
  double luminance = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
  return 1.05 / (luminance + 0.05);
}

std::string format(const Rgb& rgb) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "#";
  for (int channel : rgb) {
    out += kHex[static_cast<std::size_t>(channel >> 4)];
    out += kHex[static_cast<std::size_t>(channel & 15)];
  }
  return out;
}

}  // namespace

double contrast_with_white(std::string_view colour) { return contrast(parse(colour)); }

std::string darken_for_white_text(std::string_view colour) {
  const Rgb rgb = parse(colour);
  for (int percent = 100; percent > 0; --percent) {
    Rgb darker = rgb;
    for (int& channel : darker) channel = channel * percent / 100;
    if (contrast(darker) >= kLeastContrast) return format(darker);
  }
  return "#000000";
}

}  // namespace postern::settings
