#include "host/settings/source.hpp"

#include <algorithm>

#include "host/settings/load.hpp"

namespace postern::settings {

namespace {

/// Bytes of the UTF-8 character at `i` (RFC 3629: no surrogates, no overlong forms), 0 when it is none.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  auto byte = [&](std::size_t k) -> unsigned {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  auto follows = [&](std::size_t k) { return (byte(k) & 0xc0u) == 0x80u; };
  unsigned first = byte(i);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(i + 1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && byte(i + 1) < 0xa0) return 0;
    if (first == 0xed && byte(i + 1) > 0x9f) return 0;
    return follows(i + 1) && follows(i + 2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (first == 0xf0 && byte(i + 1) < 0x90) return 0;
    if (first == 0xf4 && byte(i + 1) > 0x8f) return 0;
    return follows(i + 1) && follows(i + 2) && follows(i + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

Source::Source(std::string_view text) : text_(text), lines_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') lines_.push_back(i + 1);
  }
}

std::size_t Source::offset(int line, int byte_column) const {
  if (line < 0 || byte_column < 0) return 0;
  if (static_cast<std::size_t>(line) >= lines_.size()) return text_.size();
  return std::min(text_.size(),
                  lines_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(byte_column));
}

Position Source::position(int line, int byte_column) { return position(offset(line, byte_column)); }

Position Source::position(std::size_t offset) {
  auto after = std::upper_bound(lines_.begin(), lines_.end(), offset);
  auto begin = *std::prev(after);
  // A line may be the whole file: counting goes on where it ended the last time.
  if (last_.offset < begin || last_.offset > offset) last_ = {begin, 1};
  for (; last_.offset < offset && last_.offset < text_.size(); ++last_.offset) {
    if ((static_cast<unsigned char>(text_[last_.offset]) & 0xc0) != 0x80) ++last_.column;
  }
  return {static_cast<int>(after - lines_.begin()), last_.column};
}

Problems Source::forbidden(const std::string& file) {
  Problems problems;
  auto add = [&](std::size_t offset, std::string found, std::string wanted, std::string hint = {}) {
    Position at = position(offset);
    problems.push_back({file, at.line, at.column, {}, std::move(found), std::move(wanted), std::move(hint)});
  };
  if (text_.size() > kLargestFile) {
    problems.push_back(
        {file, 0, 0, {}, "a file of " + std::to_string(text_.size()) + " bytes", "at most 1 MiB", {}});
    return problems;
  }
  bool indentation = true;
  for (std::size_t i = 0; i < text_.size();) {
    auto length = utf8_length(text_, i);
    if (length == 0) {
      add(i, "a byte that is not UTF-8", "a file in UTF-8");
      return problems;
    }
    auto byte = static_cast<unsigned char>(text_[i]);
    bool line_end = byte == '\n' || (byte == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n');
    if ((byte < 0x20 && byte != '\t' && !line_end) || byte == 0x7f) {
      add(i, "the control character " + std::to_string(byte), "text");
      return problems;
    }
    if (byte == '\t' && indentation) {
      auto rest = text_.find_first_not_of(" \t\r", i);
      bool blank = rest == std::string_view::npos || text_[rest] == '\n' || text_[rest] == '#';
      if (!blank) add(i, "a tab in the indentation", "spaces");
      indentation = false;
    } else if (byte != ' ') {
      indentation = byte == '\n';
    }
    i += length;
  }
  return problems;
}

bool Source::quote_ends(std::size_t offset) const {
  if (offset >= text_.size()) return false;
  char quote = text_[offset];
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = offset + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || i + 1 >= text_.size() || text_[i + 1] != quote) return true;
      ++i;  // '' is one quote within
    }
  }
  return false;
}

}  // namespace postern::settings
