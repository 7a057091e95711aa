#include "host/services/pages_catalog.hpp"

#include <algorithm>
#include <set>

#include "host/settings/load.hpp"

namespace postern::services {
namespace {

using Texts = std::map<std::string, Text, std::less<>>;
constexpr std::string_view kFolder = "messages/";
constexpr std::string_view kExtension = ".yaml";

std::string shown(std::string_view plugin, const std::string& path) {
  return plugin.empty() ? path : std::string(plugin) + "/" + path;
}

/// Adds the texts below `value` to `texts`, their keys joined by dots.
Result<void> collect(const settings::Value& value, const std::string& prefix, Texts& texts) {
  for (const auto& [key, child] : value.map()) {
    const auto whole = prefix.empty() ? key : prefix + "." + key;
    const auto where = child.file() + ":" + std::to_string(child.line()) + ": ";
    if (child.kind() == settings::Value::Kind::map) {
      POSTERN_CHECK(collect(child, whole, texts));
      continue;
    }
    if (child.kind() != settings::Value::Kind::text)
      return {Code::invalid, where + whole + " is " + std::string(settings::name(child.kind())) +
                                 "; want a text (put it in quotes)"};
    auto text = Text::parse(child.text());
    if (!text.ok()) return {Code::invalid, where + whole + ": " + text.error().message};
    if (!texts.emplace(whole, std::move(text).value()).second)
      return {Code::invalid, where + whole + " is defined twice"};
  }
  return {};
}

Result<Texts> load(std::string_view plugin, const std::string& path, const std::string& content) {
  POSTERN_TRY(const auto value, settings::parse_yaml(content, shown(plugin, path)));
  Texts texts;
  if (!value.is_null() && value.kind() != settings::Value::Kind::map)
    return {Code::invalid, shown(plugin, path) + " is no map of keys and texts"};
  POSTERN_CHECK(collect(value, "", texts));
  return texts;
}

/// Every key of `reference` must be in `texts`, with no argument the reference does not have. It may have
/// fewer: another language may not need to say a number.
Result<void> compare(const Texts& reference, const std::string& reference_file, const Texts& texts,
                     const std::string& file) {
  for (const auto& [key, text] : reference) {
    const auto found = texts.find(key);
    if (found == texts.end())
      return {Code::invalid, file + " has no text \"" + key + "\", which " + reference_file + " has; add it"};
    for (const auto& name : found->second.arguments())
      if (!text.arguments().contains(name))
        return {Code::invalid,
                file + ": \"" + key + "\" uses {" + name + "}, which " + reference_file + " does not"};
  }
  return {};
}

std::string base_of(const std::string& tag) { return tag.substr(0, tag.find('-')); }

}  // namespace

Result<Catalog> Catalog::create(const std::vector<std::string>& languages, std::string_view time_zone) {
  Catalog catalog;
  for (const auto& tag : languages) {
    POSTERN_TRY(auto formats, Formats::create(tag, time_zone));
    catalog.languages_.push_back({tag, std::move(formats), {}});
  }
  return catalog;
}

Result<void> Catalog::add(std::string_view plugin, const Files& files) {
  std::map<std::string, Texts> loaded;  // by path
  for (const auto& [path, content] : files) {
    if (!path.starts_with(kFolder) || !path.ends_with(kExtension)) continue;
    POSTERN_TRY(auto texts, load(plugin, path, content));
    loaded.emplace(path, std::move(texts));
  }
  for (const auto& [path, texts] : loaded) {
    const auto& [first_path, first] = *loaded.begin();
    POSTERN_CHECK(compare(first, shown(plugin, first_path), texts, shown(plugin, path)));
    for (const auto& [key, text] : texts)
      if (!first.contains(key))
        return {Code::invalid, shown(plugin, first_path) + " has no text \"" + key + "\", which " +
                                   shown(plugin, path) + " has; add it"};
  }
  const auto path_of = [](const std::string& tag) {
    return std::string(kFolder) + tag + std::string(kExtension);
  };
  for (auto& language : languages_) {
    auto found = loaded.find(path_of(language.tag));
    if (found == loaded.end()) found = loaded.find(path_of(base_of(language.tag)));
    if (found == loaded.end())
      return {Code::invalid, (plugin.empty() ? std::string("Postern") : "the plugin " + std::string(plugin)) +
                                 " has no texts in \"" + language.tag + "\", a language of the firm; add " +
                                 shown(plugin, path_of(base_of(language.tag))) +
                                 " or take the language out of the firm's list"};
    language.texts.insert_or_assign(std::string(plugin), found->second);
  }
  return {};
}

const Text* Catalog::find(const Language& language, std::string_view plugin, std::string_view key) const {
  const auto in = [&](std::string_view owner, std::string_view name) -> const Text* {
    const auto texts = language.texts.find(owner);
    if (texts == language.texts.end()) return nullptr;
    const auto text = texts->second.find(name);
    return text == texts->second.end() ? nullptr : &text->second;
  };
  if (!plugin.empty()) {
    if (const auto* own = in(plugin, key)) return own;
    if (key.size() > plugin.size() && key.starts_with(plugin) && key[plugin.size()] == '.')
      if (const auto* own = in(plugin, key.substr(plugin.size() + 1))) return own;
  }
  return in("", key);
}

const Language& Catalog::language(std::string_view tag) const {
  for (const auto& language : languages_)
    if (language.tag == tag) return language;
  return languages_.front();
}

}  // namespace postern::services
