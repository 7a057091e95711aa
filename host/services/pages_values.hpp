// The values of a page, read from JSON once for each drawing: a flat tree of views, because a page is drawn
// for every opened link and a general JSON library spends more time on it than the drawing itself. Only
// pages_*.cpp include this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::services {

/// One value. Its children follow it in the tree; `end` is the place after the last of them.
struct PageValue {
  enum class Kind : std::uint8_t { null, no, yes, integer, decimal, text, list, object };
  Kind kind = Kind::null;
  std::uint32_t end = 0;
  std::int64_t integer = 0;
  std::string_view text;  // of a text; of a decimal as written
  std::string_view key;   // when it is a member of an object

  bool is_list() const { return kind == Kind::list; }
  bool is_object() const { return kind == Kind::object; }
  bool is_empty() const { return children == 0; }
  std::uint32_t children = 0;
};

/// Immutable; holds what its views look at, beside the source itself. Moving keeps the views.
class PageValues {
 public:
  /// One JSON object (RFC 8259): UTF-8, at most 32 levels deep. `json` outlives this object. Empty for
  /// anything else.
  static std::optional<PageValues> parse(std::string_view json);
  PageValues(PageValues&&) = default;

  const PageValue& root() const { return nodes_.front(); }
  /// A member of an object, by name; the last one of that name; null when there is none or `object` is no
  /// object.
  const PageValue* member(const PageValue& object, std::string_view name) const;
  /// The first child, and the one after a child; null at the end.
  const PageValue* first(const PageValue& list) const { return list.is_empty() ? nullptr : &list + 1; }
  const PageValue* next(const PageValue& list, const PageValue& child) const {
    return child.end < list.end ? &nodes_[child.end] : nullptr;
  }

 private:
  friend class PageValuesReader;
  PageValues() = default;
  std::vector<PageValue> nodes_;
  std::vector<char> unescaped_;  // texts that held escapes; reserved once, so that views into it stay
};

}  // namespace postern::services
