// The host's structured log: one JSON object (or one line of text) an event, to standard error or a file.
// Nothing that holds a token may come here: paths below /l/ are written as /l/… by whoever logs them.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "postern/clock.hpp"
#include "postern/result.hpp"

namespace postern::log {

enum class Format : std::uint8_t { json, text };

using Field = std::pair<std::string_view, std::string_view>;

/// [any thread, concurrent]
class Logger : public Log {
 public:
  /// `file` empty: standard error. `clock` outlives the logger.
  static Result<std::unique_ptr<Logger>> open(const std::string& file, Format format, Severity least, const Clock& clock);
  virtual ~Logger() = default;
  /// `event` is a word for programs ("plugin.loaded"); control characters in values are escaped.
  virtual void event(Severity severity, std::string_view event, std::initializer_list<Field> fields) noexcept = 0;
  void write(Severity severity, std::string_view message) noexcept override { event(severity, "message", {{"message", message}}); }
  /// Opens the file again, after it was moved away by log rotation (SIGHUP).
  virtual void reopen() noexcept = 0;
};

/// The path as it may be logged: what stands behind /l/ is left out.
std::string loggable_path(std::string_view path);

}  // namespace postern::log
