// Every text of the host and of the plugins, in every language of the firm.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/services/pages.hpp"
#include "host/services/pages_format.hpp"
#include "host/services/pages_message.hpp"

namespace postern::services {

/// The texts of one language; immutable once loaded. Addresses of texts stay as they are.
struct Language {
  std::string tag;
  Formats formats;
  std::map<std::string, std::map<std::string, Text, std::less<>>, std::less<>>
      texts;  // by plugin ("" the host), then key
};

class Catalog {
 public:
  /// Code::invalid for a language or zone that ICU does not know.
  static Result<Catalog> create(const std::vector<std::string>& languages, std::string_view time_zone);

  /// Reads messages/<language>.yaml of `files` for every language; a language "en-GB" is served by en.yaml
  /// when it has no file of its own. All files must define the same keys with the same arguments.
  /// Code::invalid with file and line.
  Result<void> add(std::string_view plugin, const Files& files);

  /// The plugin's own text of that key, with or without "<plugin>." in front, else the host's; null when
  /// there is none.
  const Text* find(const Language& language, std::string_view plugin, std::string_view key) const;

  const std::deque<Language>& languages() const { return languages_; }
  /// By exact tag; the first one when there is none.
  const Language& language(std::string_view tag) const;

 private:
  std::deque<Language> languages_;
};

}  // namespace postern::services
