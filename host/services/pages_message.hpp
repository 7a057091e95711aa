// One text in ICU MessageFormat, parsed once by ICU and drawn straight into UTF-8.
//
// Arguments: {x}, {x, number}, {x, plural, …}, {x, selectordinal, …}, {x, select, …} of ICU, and {x, date},
// {x, time}, {x, datetime}, {x, size} of ours (milliseconds and bytes). What is put in is never read as a
// pattern.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/services/pages_format.hpp"
#include "postern/result.hpp"

namespace postern::services {

/// A value for an argument. `text` lives for the call.
struct Argument {
  enum class Kind : std::uint8_t { missing, text, integer };
  Kind kind = Kind::missing;
  std::string_view text;
  std::int64_t integer = 0;
};

/// Where the values come from.
class Arguments {
 public:
  virtual Argument argument(std::string_view name) const = 0;

 protected:
  ~Arguments() = default;
};

/// Immutable. [any thread, concurrent]
class Text {
 public:
  /// Code::invalid with ICU's complaint, or the argument type we do not know.
  static Result<Text> parse(std::string_view pattern);

  /// True when it has no arguments: then plain() is all of it.
  bool is_plain() const { return names_.empty(); }
  const std::string& plain() const { return plain_; }
  const std::set<std::string>& arguments() const { return names_; }

  /// Appends to `out`. Code::internal when an argument it comes to is missing or of the wrong kind.
  Result<void> format(const Arguments& arguments, const Formats& formats, std::string& out) const;

  struct Node;

 private:
  std::shared_ptr<const std::vector<Node>> nodes_;
  std::string plain_;
  std::set<std::string> names_;
};

}  // namespace postern::services
