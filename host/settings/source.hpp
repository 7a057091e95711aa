// The text of a YAML file before it is parsed: what no YAML file of ours may contain, and where each line
// begins.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/node.hpp"
#include "host/settings/problem.hpp"

namespace postern::settings {

/// Views the text; the text outlives it.
class Source {
 public:
  explicit Source(std::string_view text);

  /// From a line and a byte column counted from 0 (as the parser counts) to what an editor shows.
  Position position(int line, int byte_column);
  Position position(std::size_t offset);
  std::size_t offset(int line, int byte_column) const;

  /// Size, UTF-8, control characters and tabs in the indentation; in that order, and the first two end it.
  Problems forbidden(const std::string& file);
  /// True when a quote that begins at `offset` is closed before the end of the text.
  bool quote_ends(std::size_t offset) const;

 private:
  std::string_view text_;
  struct Counted {
    std::size_t offset = 0;
    int column = 1;
  };
  Counted last_;
  std::vector<std::size_t> lines_;  // offset of each line's first byte
};

}  // namespace postern::settings
