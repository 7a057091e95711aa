#include "host/plugins/settings_view.hpp"

namespace postern::plugins {

namespace {

using Kind = settings::Value::Kind;

}  // namespace

SettingsView::SettingsView(settings::Value checked, Log* log) : log_(log) {
  for (const auto& [key, value] : checked.map()) add(key, value);
}

void SettingsView::add(const std::string& path, const settings::Value& value) {
  bool nested = value.kind() == Kind::map || value.kind() == Kind::list;
  entries_.emplace(path, Entry{value, nested ? value.to_json() : std::string()});
  if (value.kind() != Kind::map) return;
  for (const auto& [key, child] : value.map()) add(path + "." + key, child);
}

const SettingsView::Entry* SettingsView::find(std::string_view path, Kind kind) const noexcept {
  auto found = entries_.find(path);
  if (found != entries_.end()) {
    const auto& entry = found->second;
    bool right = entry.value.kind() == kind || (kind == Kind::map && entry.value.kind() == Kind::list);
    return right ? &entry : nullptr;
  }
  if (log_ != nullptr) {
    try {
      log_->write(Severity::warning,
                  "the setting " + std::string(path) + " is read, but manifest.yaml does not declare it");
    } catch (...) {  // no memory for the sentence: the plugin gets its empty answer all the same
    }
  }
  return nullptr;
}

std::string_view SettingsView::text(std::string_view path) const noexcept {
  const auto* entry = find(path, Kind::text);
  return entry == nullptr ? std::string_view() : std::string_view(entry->value.text());
}

std::int64_t SettingsView::integer(std::string_view path) const noexcept {
  const auto* entry = find(path, Kind::integer);
  return entry == nullptr ? 0 : entry->value.integer();
}

bool SettingsView::flag(std::string_view path) const noexcept {
  const auto* entry = find(path, Kind::boolean);
  return entry != nullptr && entry->value.boolean();
}

std::string_view SettingsView::json(std::string_view path) const noexcept {
  const auto* entry = find(path, Kind::map);
  return entry == nullptr ? std::string_view() : std::string_view(entry->json);
}

}  // namespace postern::plugins
