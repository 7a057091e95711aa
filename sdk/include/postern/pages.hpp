// The Pages service: a plugin's templates, drawn with the firm's branding in the reader's language.
#pragma once

#include <string_view>

#include "postern/clock.hpp"
#include "postern/code.hpp"
#include "postern/database.hpp"

namespace postern {

/// Service "pages/1". [any thread, concurrent]
class Pages {
 public:
  static constexpr std::string_view kId = "pages/1";
  /// A text of the plugin's messages/<language>.yaml (or the host's), ICU MessageFormat, with `values` (a
  /// JSON object).
  virtual Code text(std::string_view language, std::string_view key, std::string_view values, TextSink& text,
                    ErrorSink& error) = 0;

 protected:
  ~Pages() = default;
};

}  // namespace postern
