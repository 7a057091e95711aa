// Drawing a template: the steps in order, values escaped as they are copied.
#include "host/services/pages_scope.hpp"
#include "host/services/pages_template.hpp"

namespace postern::services {
namespace {

void append(std::string_view text, Escape escape, std::string& out) {
  if (escape == Escape::html)
    append_html(text, out);
  else
    out += text;
}

void append_value(const PageValue& value, Escape escape, std::string& out) {
  switch (value.kind) {
    case PageValue::Kind::text:
      append(value.text, escape, out);
      break;
    case PageValue::Kind::integer:
    case PageValue::Kind::decimal:
      out += value.text;
      break;
    case PageValue::Kind::yes:
      out += "true";
      break;
    case PageValue::Kind::no:
      out += "false";
      break;
    default:
      break;  // null, lists and objects have no text of their own
  }
}

}  // namespace

void append_html(std::string_view text, std::string& out) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string_view entity;
    switch (text[i]) {
      case '&':
        entity = "&amp;";
        break;
      case '<':
        entity = "&lt;";
        break;
      case '>':
        entity = "&gt;";
        break;
      case '"':
        entity = "&quot;";
        break;
      case '\'':
        entity = "&#39;";
        break;
      default:
        continue;
    }
    out.append(text, from, i - from).append(entity);
    from = i + 1;
  }
  out.append(text, from);
}

Result<void> Template::draw(Scope& scope, std::string& out) const {
  out.reserve(out.size() + literals_.size() + literals_.size() / 2);
  return draw(0, steps_.size(), scope, out);
}

Result<void> Template::draw(std::size_t from, std::size_t until, Scope& scope, std::string& out) const {
  for (auto i = from; i < until; ++i) {
    const auto& step = steps_[i];
    switch (step.kind) {
      case Step::Kind::literal:
        out.append(literals_, step.from, step.until);
        continue;
      case Step::Kind::text:
        POSTERN_CHECK(draw_text(step, scope, out));
        continue;
      default:
        break;
    }
    const auto found = scope.find(paths_[step.from]);
    switch (step.kind) {
      case Step::Kind::variable:
        if (found) append_value(*found.value, step.escape, out);
        break;
      case Step::Kind::inverted:
        if (!is_true(found)) POSTERN_CHECK(draw(i + 1, step.until, scope, out));
        i = step.until - 1;
        break;
      case Step::Kind::section:
        if (is_true(found)) {
          if (found.value->is_list()) {
            for (const auto* item = found.tree->first(*found.value); item != nullptr;
                 item = found.tree->next(*found.value, *item)) {
              scope.push(Found{found.tree, item});
              POSTERN_CHECK(draw(i + 1, step.until, scope, out));
              scope.pop();
            }
          } else {
            scope.push(found);
            POSTERN_CHECK(draw(i + 1, step.until, scope, out));
            scope.pop();
          }
        }
        i = step.until - 1;
        break;
      default: {
        if (!found || found.value->kind != PageValue::Kind::integer) {
          return {Code::internal,
                  file_ + ": a " + std::string(step.kind == Step::Kind::size ? "size" : "date") +
                      " needs an integer value \"" +
                      (paths_[step.from].empty() ? std::string(".") : paths_[step.from].back()) + "\""};
        }
        const auto number = found.value->integer;
        std::string text;
        switch (step.kind) {
          case Step::Kind::date:
            language_->formats.date({number}, text);
            break;
          case Step::Kind::time:
            language_->formats.time({number}, text);
            break;
          case Step::Kind::datetime:
            language_->formats.datetime({number}, text);
            break;
          default:
            language_->formats.size(number, text);
            break;
        }
        append(text, step.escape, out);
      }
    }
  }
  return {};
}

Result<void> Template::draw_text(const Step& step, const Scope& scope, std::string& out) const {
  std::string text;
  if (auto drawn = step.text->format(scope, language_->formats, text); !drawn.ok())
    return {Code::internal, file_ + ": the text \"" + keys_[step.key] + "\" " + drawn.error().message};
  append(text, step.escape, out);
  return {};
}

}  // namespace postern::services
