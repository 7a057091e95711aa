// A template of one language: mustache parsed by kainjow's parser, then flattened into a list of steps, its
// texts without arguments and its asset names already in place, so that drawing copies bytes and looks values
// up, nothing more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/services/pages_catalog.hpp"

namespace postern::services {

class Scope;

enum class Escape : std::uint8_t { none, html };

/// What a template names and its set provides. Each function returns null, or an Error, when there is no such
/// thing.
struct TemplateEnvironment {
  const Language* language = nullptr;
  std::string content_file;  // names the template at the frame's slot "content" in messages
  std::function<const Text*(std::string_view key)> text;
  std::function<const std::string*(std::string_view name)> partial;
  std::function<std::string(std::string_view name)> asset;  // empty: none
  /// What stands at {{#slot}}name{{/slot}} of the frame: a template text; null outside a frame.
  std::function<const std::string*(std::string_view name)> slot;
};

/// Immutable; lives no longer than its environment's language. [any thread, concurrent]
class Template {
 public:
  /// `file` names the template in messages. Escape::none for plain text. Code::invalid with file and line.
  static Result<Template> parse(const std::string& source, const std::string& file, Escape escape,
                                const TemplateEnvironment& environment);

  /// Appends to `out`. Code::internal when a text lacks an argument.
  Result<void> draw(Scope& scope, std::string& out) const;

 private:
  friend class TemplateBuilder;
  struct Step {
    enum class Kind : std::uint8_t { literal, variable, section, inverted, text, date, time, datetime, size };
    Kind kind = Kind::literal;
    Escape escape = Escape::html;
    std::uint32_t from = 0;   // literal: offset in literals_; others: index in paths_
    std::uint32_t until = 0;  // literal: length; section: the step after its last
    const Text* text = nullptr;
    std::uint32_t key = 0;  // text: index in keys_, for messages
  };
  Result<void> draw(std::size_t from, std::size_t until, Scope& scope, std::string& out) const;
  Result<void> draw_text(const Step& step, const Scope& scope, std::string& out) const;

  const Language* language_ = nullptr;
  std::string file_;
  std::string literals_;
  std::vector<std::vector<std::string>> paths_;
  std::vector<std::string> keys_;
  std::vector<Step> steps_;
};

void append_html(std::string_view text, std::string& out);

/// `{{! name: value }}` comments at any place of a template: title, why, style, script. In order.
std::vector<std::pair<std::string, std::string>> directives(std::string_view source);

}  // namespace postern::services
