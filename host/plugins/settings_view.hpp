// SettingsView: a plugin's settings as the plugin sees them, over the checked part of a firm's YAML.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "host/settings/schema.hpp"
#include "postern/clock.hpp"
#include "postern/settings.hpp"

namespace postern::plugins {

/// [any thread, concurrent]
class SettingsView final : public Settings {
 public:
  /// `checked`: what settings::validate() gave, defaults filled in. `log` may be null; else it outlives this
  /// object and is told of keys that the plugin reads but its manifest does not declare.
  SettingsView(settings::Value checked, Log* log);

  std::string_view text(std::string_view path) const noexcept override;
  std::int64_t integer(std::string_view path) const noexcept override;
  bool flag(std::string_view path) const noexcept override;
  std::string_view json(std::string_view path) const noexcept override;

 private:
  struct Entry {
    settings::Value value;
    std::string json;
  };
  void add(const std::string& path, const settings::Value& value);
  const Entry* find(std::string_view path, settings::Value::Kind kind) const noexcept;

  std::map<std::string, Entry, std::less<>>
      entries_;  // by path; made once, so that views live as long as this object
  Log* log_;
};

}  // namespace postern::plugins
