// The query part of a request, read strictly: every name known, none twice, and the paging that all lists
// share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/staff/problem.hpp"
#include "postern/time.hpp"

namespace postern::staff {

/// Collects what is wrong instead of stopping at the first; ask refusal() before using what was read. One
/// thread.
class Query {
 public:
  /// `raw` as in the target, percent-encoded, '+' for a space; `allowed`: names divided by spaces.
  Query(std::string_view raw, std::string_view allowed);

  std::optional<std::string> text(std::string_view name);
  /// An id; one that is no id is wrong, since nothing could match it.
  std::optional<std::string> id(std::string_view name);
  std::optional<Timestamp> time(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// One of `choices`, divided by spaces; its place among them.
  std::optional<std::size_t> choice(std::string_view name, std::string_view choices);

  struct Paging {
    std::string after;  // what the cursor holds; empty: from the start
    int limit = 50;
  };
  /// "limit" (1 to 200) and "after", a cursor made by next_page().
  Paging paging();
  void wrong(std::string_view name, std::string detail);

  /// 400 when anything was wrong.
  std::optional<Answer> refusal() const;

  /// Every pair but "after", encoded again: what the address of the next page keeps.
  std::string without_cursor() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::vector<FieldError> errors_;
};

/// The opaque text for `position` (an id or a number).
std::string to_cursor(std::string_view position);

/// Percent-encodes everything but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace postern::staff
