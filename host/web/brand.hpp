// A firm's colour, as a small style sheet of variables: no page carries inline styles.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::web {

/// A colour that text can be read on or in, derived from what the firm chose.
struct Accent {
  std::string light;  // on white, or under white text: contrast of at least 4.5 (WCAG 2.2, 1.4.3)
  std::string light_hover;
  std::string dark;           // as text on the dark page: contrast of at least 4.5
  bool was_darkened = false;  // what the firm chose was too pale for white text
};

/// Empty when `colour` is not "#rrggbb". [any thread]
std::optional<Accent> accent_from(std::string_view colour);

/// The WCAG contrast ratio of two colours "#rrggbb", from 1 to 21; 0 when one is no colour. [any thread]
double contrast(std::string_view left, std::string_view right);

/// The style sheet, to be added to Assets as "brand.css". A colour that cannot be read leaves the host's own.
/// [any thread]
std::string brand_css(std::string_view accent);

}  // namespace postern::web
