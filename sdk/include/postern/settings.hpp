// The plugin's own settings from the firm's YAML, checked against its manifest's schema and with defaults
// filled in.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

/// Host-owned; valid for the plugin's life. A path names nested keys with dots: "reminders.every". A key that
/// the manifest does not declare is a bug of the plugin: text() is empty, integer() 0, flag() false, and the
/// host logs it. Durations are milliseconds, sizes bytes. [any thread, concurrent]
class Settings {
 public:
  virtual std::string_view text(std::string_view path) const noexcept = 0;
  virtual std::int64_t integer(std::string_view path) const noexcept = 0;
  virtual bool flag(std::string_view path) const noexcept = 0;
  /// A list or map as JSON.
  virtual std::string_view json(std::string_view path) const noexcept = 0;

 protected:
  ~Settings() = default;
};

}  // namespace postern
