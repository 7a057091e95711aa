#include "host/services/pages_values.hpp"

#include <charconv>
#include <system_error>

namespace postern::services {
namespace {

constexpr int kDeepest = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The length of the well-formed UTF-8 sequence at the beginning of `text` (RFC 3629 section 4); 0 when it is
/// none.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i, unsigned from, unsigned until) {
    return byte(i) >= from && byte(i) <= until;
  };
  const auto lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned from = lead == 0xE0 ? 0xA0 : 0x80, until = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, from, until) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned from = lead == 0xF0 ? 0x90 : 0x80, until = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, from, until) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

class PageValuesReader {
 public:
  PageValuesReader(std::string_view json, PageValues& made) : rest_(json), made_(made) {
    made_.nodes_.reserve(json.size() / 12 + 8);
    made_.unescaped_.reserve(json.size());
  }

  bool read() {
    space();
    if (!value({}, 0) || !made_.root().is_object()) return false;
    space();
    return rest_.empty();
  }

 private:
  void space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\r' || rest_[0] == '\t'))
      rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word, PageValue& node, PageValue::Kind kind) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    node.kind = kind;
    return true;
  }

  bool value(std::string_view key, int depth) {
    if (depth > kDeepest || rest_.empty()) return false;
    const auto at = made_.nodes_.size();
    made_.nodes_.emplace_back().key = key;
    bool good = false;
    switch (rest_[0]) {
      case '{':
        good = members(at, depth);
        break;
      case '[':
        good = items(at, depth);
        break;
      case '"':
        made_.nodes_[at].kind = PageValue::Kind::text;
        good = text(made_.nodes_[at].text);
        break;
      case 't':
        good = take("true", made_.nodes_[at], PageValue::Kind::yes);
        break;
      case 'f':
        good = take("false", made_.nodes_[at], PageValue::Kind::no);
        break;
      case 'n':
        good = take("null", made_.nodes_[at], PageValue::Kind::null);
        break;
      default:
        good = number(made_.nodes_[at]);
        break;
    }
    made_.nodes_[at].end = static_cast<std::uint32_t>(made_.nodes_.size());
    return good;
  }

  bool members(std::size_t at, int depth) {
    made_.nodes_[at].kind = PageValue::Kind::object;
    rest_.remove_prefix(1);
    space();
    if (take('}')) return true;
    do {
      space();
      std::string_view key;
      if (!text(key)) return false;
      space();
      if (!take(':')) return false;
      space();
      if (!value(key, depth + 1)) return false;
      ++made_.nodes_[at].children;
      space();
    } while (take(','));
    return take('}');
  }

  bool items(std::size_t at, int depth) {
    made_.nodes_[at].kind = PageValue::Kind::list;
    rest_.remove_prefix(1);
    space();
    if (take(']')) return true;
    do {
      space();
      if (!value({}, depth + 1)) return false;
      ++made_.nodes_[at].children;
      space();
    } while (take(','));
    return take(']');
  }

  bool number(PageValue& node) {
    std::size_t i = rest_[0] == '-' ? 1 : 0;
    const auto digits = [&] {
      const auto from = i;
      while (i < rest_.size() && is_digit(rest_[i])) ++i;
      return i - from;
    };
    const bool zero = i < rest_.size() && rest_[i] == '0';
    const auto whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    const auto integer_end = i;
    if (i < rest_.size() && rest_[i] == '.') {
      ++i;
      if (digits() == 0) return false;
    }
    if (i < rest_.size() && (rest_[i] == 'e' || rest_[i] == 'E')) {
      ++i;
      if (i < rest_.size() && (rest_[i] == '+' || rest_[i] == '-')) ++i;
      if (digits() == 0) return false;
    }
    node.text = rest_.substr(0, i);
    node.kind = PageValue::Kind::decimal;
    if (i == integer_end && std::from_chars(rest_.data(), rest_.data() + i, node.integer).ec == std::errc())
      node.kind = PageValue::Kind::integer;
    rest_.remove_prefix(i);
    return true;
  }

  bool text(std::string_view& out) {
    if (!take('"')) return false;
    std::size_t i = 0;
    while (i < rest_.size() && rest_[i] != '"' && rest_[i] != '\\') {
      const auto c = static_cast<unsigned char>(rest_[i]);
      const auto length = c < 0x80 ? 1 : sequence(rest_.substr(i));
      if (c < 0x20 || length == 0) return false;
      i += length;
    }
    if (i == rest_.size()) return false;
    if (rest_[i] == '"') {
      out = rest_.substr(0, i);
      rest_.remove_prefix(i + 1);
      return true;
    }
    return escaped(out);
  }

  /// A text with at least one escape: copied, since what it says is not what stands there.
  bool escaped(std::string_view& out) {
    auto& room = made_.unescaped_;
    const auto from = room.size();
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\') {
        if (!escape()) return false;
        continue;
      }
      const auto length = sequence(rest_);
      if (static_cast<unsigned char>(rest_[0]) < 0x20 || length == 0) return false;
      room.insert(room.end(), rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(length));
      rest_.remove_prefix(length);
    }
    out = std::string_view(room.data() + from, room.size() - from);
    return take('"');
  }

  bool escape() {
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (rest_.size() < 2) return false;
    const auto named = kNames.find(rest_[1]);
    if (named != std::string_view::npos) {
      made_.unescaped_.push_back(kMeanings[named]);
      rest_.remove_prefix(2);
      return true;
    }
    std::uint32_t unit = 0;
    if (!code_unit(unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {  // the first half of a pair
      std::uint32_t second = 0;
      if (!code_unit(second) || second < 0xDC00 || second > 0xDFFF) return false;
      unit = 0x10000 + ((unit - 0xD800) << 10U) + (second - 0xDC00);
    }
    put(unit);
    return true;
  }

  bool code_unit(std::uint32_t& unit) {
    if (rest_.size() < 6 || rest_[0] != '\\' || rest_[1] != 'u') return false;
    const auto* end = rest_.data() + 6;
    if (const auto [stop, failed] = std::from_chars(rest_.data() + 2, end, unit, 16);
        failed != std::errc() || stop != end)
      return false;
    rest_.remove_prefix(6);
    return true;
  }

  /// One code point as UTF-8; never longer than its escape.
  void put(std::uint32_t point) {
    auto& room = made_.unescaped_;
    const auto tail = [&](unsigned shift) {
      room.push_back(static_cast<char>(0x80U | ((point >> shift) & 0x3FU)));
    };
    if (point < 0x80) {
      room.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
      room.push_back(static_cast<char>(0xC0U | (point >> 6U)));
      tail(0);
    } else if (point < 0x10000) {
      room.push_back(static_cast<char>(0xE0U | (point >> 12U)));
      tail(6), tail(0);
    } else {
      room.push_back(static_cast<char>(0xF0U | (point >> 18U)));
      tail(12), tail(6), tail(0);
    }
  }

  std::string_view rest_;
  PageValues& made_;
};

std::optional<PageValues> PageValues::parse(std::string_view json) {
  if (json.size() > 16 * 1024 * 1024) return std::nullopt;
  PageValues made;
  if (!PageValuesReader(json, made).read()) return std::nullopt;
  return made;
}

const PageValue* PageValues::member(const PageValue& object, std::string_view name) const {
  if (!object.is_object()) return nullptr;
  const PageValue* found = nullptr;
  for (const auto* child = first(object); child != nullptr; child = next(object, *child))
    if (child->key == name) found = child;
  return found;
}

}  // namespace postern::services
