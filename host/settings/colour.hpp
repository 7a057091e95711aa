// Contrast of a firm's colour with the white text on its buttons (WCAG 2.2, 1.4.3 and its definitions). [any
// thread]
#pragma once

#include <string>
#include <string_view>

namespace postern::settings {

constexpr double kLeastContrast = 4.5;  // of normal text, level AA

/// Of "#rrggbb" with white, from 1 to 21.
double contrast_with_white(std::string_view colour);

/// The same hue, made as much darker as kLeastContrast needs; the colour itself when it has that.
std::string darken_for_white_text(std::string_view colour);

}  // namespace postern::settings
