// Clock, Random and Log: what a plugin would otherwise read from the air. Tests hold time still.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "postern/time.hpp"

namespace postern {

/// Service "clock/1". [any thread, concurrent]
class Clock {
 public:
  static constexpr std::string_view kId = "clock/1";
  virtual Timestamp now() const noexcept = 0;

 protected:
  ~Clock() = default;
};

/// Service "random/1". [any thread, concurrent]
class Random {
 public:
  static constexpr std::string_view kId = "random/1";
  /// Fills `out` with bytes fit for secrets.
  virtual void fill(std::span<std::byte> out) noexcept = 0;

 protected:
  ~Random() = default;
};

/// Receives one text. The receiver copies it. [the calling thread]
class TextSink {
 public:
  virtual void text(std::string_view text) = 0;

 protected:
  ~TextSink() = default;
};

enum class Severity : std::int32_t { debug = 0, info = 1, warning = 2, error = 3 };

/// Service "log/1", granted to every plugin. Never write tokens, contents or personal data. [any thread,
/// concurrent]
class Log {
 public:
  static constexpr std::string_view kId = "log/1";
  virtual void write(Severity severity, std::string_view message) noexcept = 0;

 protected:
  ~Log() = default;
};

}  // namespace postern
