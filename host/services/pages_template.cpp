#include "host/services/pages_template.hpp"

#include <algorithm>
#include <kainjow/mustache.hpp>

#include "host/services/pages_scope.hpp"

namespace postern::services {
namespace {

namespace mustache = kainjow::mustache;
using Component = mustache::component<std::string>;

constexpr int kDeepest = 16;  // partials within partials

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return is_blank(c) || c == '\n' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// The source without the lines that hold nothing but one section, comment or partial tag (mustache:
/// standalone tags), and where each of its characters came from.
struct Tidied {
  std::string text;
  std::vector<std::size_t> line_starts;  // offset in `text` where each line of the source begins

  std::size_t line(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(line_starts.begin(), line_starts.end(), offset) -
                                    line_starts.begin());
  }
};

Tidied tidy(std::string_view source) {
  Tidied tidied;
  tidied.line_starts.push_back(0);
  const auto copy = [&](std::size_t from, std::size_t until) {
    for (; from < until; ++from) {
      tidied.text += source[from];
      if (source[from] == '\n') tidied.line_starts.push_back(tidied.text.size());
    }
  };
  std::size_t at = 0;
  while (at < source.size()) {
    const auto open = source.find("{{", at);
    const auto close = open == std::string_view::npos ? open : source.find("}}", open);
    if (close == std::string_view::npos) break;
    auto before = open, after = close + 2;
    while (before > at && is_blank(source[before - 1])) --before;
    while (after < source.size() && is_blank(source[after])) ++after;
    const bool begins = before == 0 || source[before - 1] == '\n';
    const bool ends =
        after == source.size() || source[after] == '\n' || source.substr(after).starts_with("\r\n");
    const char sigil = open + 2 < source.size() ? source[open + 2] : ' ';
    if (begins && ends && std::string_view("#^/!>").find(sigil) != std::string_view::npos) {
      copy(at, before);
      copy(open, close + 2);
      after = std::min(source.size(), source.find('\n', after));
      if (after < source.size()) {
        ++after;
        tidied.line_starts.push_back(tidied.text.size());
      }
      at = after;
    } else {
      copy(at, close + 2);
      at = close + 2;
    }
  }
  copy(at, source.size());
  return tidied;
}

Path split(const std::string& name) {
  Path path;
  if (name == ".") return path;
  std::size_t from = 0;
  while (true) {
    const auto dot = name.find('.', from);
    path.push_back(name.substr(from, dot - from));
    if (dot == std::string::npos) return path;
    from = dot + 1;
  }
}

}  // namespace

/// Flattens one source, and the sources it names, into a template's steps.
class TemplateBuilder {
 public:
  TemplateBuilder(Template& made, Escape escape, const TemplateEnvironment& environment)
      : made_(made), escape_(escape), environment_(environment) {}

  Result<void> add(const std::string& source, const std::string& file, int depth) {
    if (depth > kDeepest) return {Code::invalid, file + ": partials stand within partials more than 16 deep"};
    const auto tidied = tidy(source);
    if (tidied.text.find("{{=") != std::string::npos)
      return {Code::invalid, file + ": {{=…=}} (other delimiters) is not taken"};
    mustache::context<std::string> context;
    mustache::context_internal<std::string> internal(context);
    Component root;
    std::string complaint;
    mustache::parser<std::string>(tidied.text, internal, root, complaint);
    if (!complaint.empty()) return {Code::invalid, file + ": " + complaint};
    return children(root, {file, tidied, depth});
  }

 private:
  using Step = Template::Step;
  struct Source {
    const std::string& file;
    const Tidied& tidied;
    int depth;
  };

  Error mistake(const Source& source, const Component& component, const std::string& what) const {
    return {Code::invalid,
            source.file + ":" + std::to_string(source.tidied.line(component.position)) + ": " + what,
            {}};
  }

  Result<void> children(const Component& parent, const Source& source) {
    for (const auto& child : parent.children) POSTERN_CHECK(component(child, source));
    return {};
  }

  Result<void> component(const Component& child, const Source& source) {
    const auto& tag = child.tag;
    switch (tag.type) {
      case mustache::tag_type::text:
        literal(child.text);
        return {};
      case mustache::tag_type::variable:
        return variable(child, source, escape_);
      case mustache::tag_type::unescaped_variable:
        return variable(child, source, Escape::none);
      case mustache::tag_type::section_begin:
        return section(child, source);
      case mustache::tag_type::section_begin_inverted:
        return block(child, source, Step::Kind::inverted);
      case mustache::tag_type::partial:
        return partial(child, source);
      default:
        return {};
    }
  }

  void literal(std::string_view text) {
    if (text.empty()) return;
    const bool joins =
        !made_.steps_.empty() && made_.steps_.back().kind == Step::Kind::literal && !after_block_;
    if (!joins)
      made_.steps_.push_back({Step::Kind::literal, Escape::none,
                              static_cast<std::uint32_t>(made_.literals_.size()), 0, nullptr, 0});
    made_.literals_ += text;
    made_.steps_.back().until += static_cast<std::uint32_t>(text.size());
    after_block_ = false;
  }

  Step& step(Step::Kind kind, Escape escape) {
    after_block_ = false;
    return made_.steps_.emplace_back(Step{kind, escape, 0, 0, nullptr, 0});
  }

  std::uint32_t path(const std::string& name) {
    made_.paths_.push_back(split(name));
    return static_cast<std::uint32_t>(made_.paths_.size() - 1);
  }

  Result<void> variable(const Component& child, const Source& source, Escape escape) {
    if (child.tag.name.empty()) return mistake(source, child, "{{}} names nothing");
    step(Step::Kind::variable, escape).from = path(child.tag.name);
    return {};
  }

  Result<void> section(const Component& child, const Source& source) {
    const auto& name = child.tag.name;
    if (name == "t") return text(child, source);
    if (name == "date") return formatted(child, source, Step::Kind::date);
    if (name == "time") return formatted(child, source, Step::Kind::time);
    if (name == "datetime") return formatted(child, source, Step::Kind::datetime);
    if (name == "size") return formatted(child, source, Step::Kind::size);
    if (name == "asset") return asset(child, source);
    if (name == "slot") return slot(child, source);
    return block(child, source, Step::Kind::section);
  }

  Result<void> block(const Component& child, const Source& source, Step::Kind kind) {
    const auto at = made_.steps_.size();
    step(kind, Escape::none).from = path(child.tag.name);
    after_block_ = true;
    POSTERN_CHECK(children(child, source));
    made_.steps_[at].until = static_cast<std::uint32_t>(made_.steps_.size());
    after_block_ = true;
    return {};
  }

  /// The words between {{#x}} and {{/x}}, which must be words only.
  Result<std::string> word(const Component& child, const Source& source) const {
    std::string found(
        trimmed(child.tag.section_text ? std::string_view(*child.tag.section_text) : std::string_view()));
    if (found.empty() || found.find_first_of("{}<> \t\n\"") != std::string::npos)
      return mistake(source, child,
                     "{{#" + child.tag.name + "}}" + found + "{{/" + child.tag.name +
                         "}} wants one plain name "
                         "between its tags; for a text that depends on a value use select in the message");
    return found;
  }

  Result<void> text(const Component& child, const Source& source) {
    POSTERN_TRY(auto key, word(child, source));
    const Text* found = environment_.text ? environment_.text(key) : nullptr;
    if (found == nullptr)
      return mistake(source, child,
                     "{{#t}}" + key + "{{/t}} names a text that messages/" + environment_.language->tag +
                         ".yaml does not have");
    if (found->is_plain()) {
      std::string plain;
      if (escape_ == Escape::html)
        append_html(found->plain(), plain);
      else
        plain = found->plain();
      literal(plain);
      return {};
    }
    auto& made = step(Step::Kind::text, escape_);
    made.text = found;
    made.key = static_cast<std::uint32_t>(made_.keys_.size());
    made_.keys_.push_back(std::move(key));
    return {};
  }

  Result<void> formatted(const Component& child, const Source& source, Step::Kind kind) {
    POSTERN_TRY(const auto name, word(child, source));
    step(kind, escape_).from = path(name);
    return {};
  }

  Result<void> asset(const Component& child, const Source& source) {
    POSTERN_TRY(const auto name, word(child, source));
    const auto address = environment_.asset ? environment_.asset(name) : std::string();
    if (address.empty())
      return mistake(source, child, "{{#asset}}" + name + "{{/asset}} names no asset; is it in web/?");
    std::string escaped;
    append_html(address, escaped);
    literal(escaped);
    return {};
  }

  Result<void> partial(const Component& child, const Source& source) {
    const std::string* found = environment_.partial ? environment_.partial(child.tag.name) : nullptr;
    if (found == nullptr)
      return mistake(source, child, "{{> " + child.tag.name + "}} names no template in pages/");
    return add(*found, "pages/" + child.tag.name, source.depth + 1);
  }

  Result<void> slot(const Component& child, const Source& source) {
    POSTERN_TRY(const auto name, word(child, source));
    const std::string* found = environment_.slot ? environment_.slot(name) : nullptr;
    if (found == nullptr)
      return mistake(source, child, "{{#slot}}" + name + "{{/slot}} is only known in the frame");
    return add(*found, name == "content" ? environment_.content_file : source.file + " (" + name + ")",
               source.depth + 1);
  }

  Template& made_;
  Escape escape_;
  const TemplateEnvironment& environment_;
  bool after_block_ = false;  // the next literal must not grow one that a section may leave out
};

Result<Template> Template::parse(const std::string& source, const std::string& file, Escape escape,
                                 const TemplateEnvironment& environment) {
  Template made;
  made.language_ = environment.language;
  made.file_ = file;
  POSTERN_CHECK(TemplateBuilder(made, escape, environment).add(source, file, 0));
  return made;
}

std::vector<std::pair<std::string, std::string>> directives(std::string_view source) {
  std::vector<std::pair<std::string, std::string>> found;
  std::size_t at = 0;
  while ((at = source.find("{{!", at)) != std::string_view::npos) {
    const auto end = source.find("}}", at);
    if (end == std::string_view::npos) break;
    const auto comment = trimmed(source.substr(at + 3, end - at - 3));
    at = end + 2;
    const auto colon = comment.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = trimmed(comment.substr(0, colon));
    if (name == "title" || name == "why" || name == "style" || name == "script")
      found.emplace_back(name, trimmed(comment.substr(colon + 1)));
  }
  return found;
}

}  // namespace postern::services
