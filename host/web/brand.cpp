#include "host/web/brand.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace postern::web {
namespace {

using Colour = std::array<double, 3>;  // red, green, blue; 0 to 255

constexpr double kReadable = 4.5;
constexpr double kEasyInTheDark = 6;  // thin letters on dark look fainter than the ratio says
constexpr Colour kWhite{255, 255, 255};
constexpr Colour kBlack{0, 0, 0};
constexpr Colour kDarkPage{0x18, 0x1d, 0x26};  // the lightest dark surface of styles/10-tokens.css

std::optional<Colour> parse(std::string_view text) {
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  Colour colour{};
  for (std::size_t i = 0; i < 3; ++i) {
    int value = 0;
    for (std::size_t j = 0; j < 2; ++j) {
      const char c = text[1 + 2 * i + j];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      value = value * 16 + digit;
    }
    colour[i] = value;
  }
  return colour;
}

std::string text_of(const Colour& colour) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", static_cast<unsigned>(std::lround(colour[0])) & 255U,
                static_cast<unsigned>(std::lround(colour[1])) & 255U,
                static_cast<unsigned>(std::lround(colour[2])) & 255U);
  return text;
}

/// Relative luminance, WCAG 2.2.
double luminance(const Colour& colour) {
  const auto linear = [](double channel) {
    channel /= 255;
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

double ratio(const Colour& left, const Colour& right) {
  const double a = luminance(left), b = luminance(right);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Colour mix(const Colour& from, const Colour& to, double share) {
  Colour mixed{};
  for (std::size_t i = 0; i < 3; ++i) mixed[i] = std::round(from[i] + (to[i] - from[i]) * share);
  return mixed;
}

/// Moves `colour` towards `end` in small steps until it can be read against `ground`.
Colour until_readable(const Colour& colour, const Colour& end, const Colour& ground, double wanted) {
  for (int step = 0; step <= 100; ++step) {
    const auto moved = mix(colour, end, step / 100.0);
    if (ratio(moved, ground) >= wanted) return moved;
  }
  return end;
}

}  // namespace

double contrast(std::string_view left, std::string_view right) {
  const auto a = parse(left), b = parse(right);
  return a && b ? ratio(*a, *b) : 0;
}

std::optional<Accent> accent_from(std::string_view colour) {
  const auto chosen = parse(colour);
  if (!chosen) return std::nullopt;
  const auto light = until_readable(*chosen, kBlack, kWhite, kReadable);
  Accent accent;
  accent.light = text_of(light);
  accent.light_hover = text_of(mix(light, kBlack, 0.18));
  accent.dark = text_of(until_readable(*chosen, kWhite, kDarkPage, kEasyInTheDark));
  accent.was_darkened = light != *chosen;
  return accent;
}

std::string brand_css(std::string_view chosen) {
  const auto accent = accent_from(chosen);
  if (!accent) return "/* no accent colour is set */\n";
  return ":root{--firm-accent:" + accent->light + ";--firm-accent-hover:" + accent->light_hover +
         ";--firm-accent-on-dark:" + accent->dark + "}\n";
}

}  // namespace postern::web
