// How one language writes numbers, dates and sizes, in the firm's time zone. By ICU.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "postern/result.hpp"
#include "postern/time.hpp"

namespace postern::services {

/// Immutable after construction. Everything appends to `out`. [any thread, concurrent]
class Formats {
 public:
  /// `language`: BCP 47; `time_zone`: IANA. Code::invalid when ICU knows one of them not.
  static Result<Formats> create(std::string_view language, std::string_view time_zone);
  Formats(Formats&&) noexcept;
  ~Formats();

  void number(std::int64_t value, std::string& out) const;
  void date(Timestamp at, std::string& out) const;        // December 3, 2026
  void time(Timestamp at, std::string& out) const;        // 6:00 PM
  void datetime(Timestamp at, std::string& out) const;    // December 3, 2026 at 6:00 PM Central European Time
  void size(std::int64_t bytes, std::string& out) const;  // 4.2 MB, in powers of 1000
  /// The plural category of CLDR, e.g. "one", "other". Views into static text.
  std::string_view plural(std::int64_t value) const;
  std::string_view ordinal(std::int64_t value) const;

  /// The language's own name: "English", "日本語".
  std::string endonym() const;
  bool is_right_to_left() const;

 private:
  struct State;
  explicit Formats(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::services
