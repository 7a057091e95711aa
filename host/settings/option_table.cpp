#include <array>

#include "host/settings/formats.hpp"
#include "host/settings/generate.hpp"
#include "host/settings/limits_text.hpp"

namespace postern::settings {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// Outside of code, <id> would be taken for a tag.
std::string prose(std::string_view text) {
  std::string out;
  for (char c : escaped(text)) out += c == '<' ? std::string("&lt;") : std::string(1, c);
  return out;
}

std::string type_text(const Field& field) {
  std::string out(name(field.type));
  for (char& c : out) {
    if (c == '_') c = ' ';
  }
  if (field.type == Type::list) out += " of " + type_text(field.items.front());
  if (field.may_be_secret) out += " or secret";
  if (field.type == Type::choice) {
    out.clear();
    for (const auto& choice : field.choices) out += (out.empty() ? "`" : ", `") + choice + "`";
  }
  std::string limits = limits_text(field);
  return limits.empty() || field.type == Type::choice ? out : out + ", " + limits;
}

std::string default_text(const Field& field) {
  if (field.default_yaml) return "`" + escaped(*field.default_yaml) + "`";
  return field.is_required ? "required" : "";
}

void add_rows(const std::vector<Field>& fields, const std::string& prefix, std::string& out);

void add_row(const Field& field, const std::string& key, std::string& out) {
  out += "| `" + escaped(key) + "` | " + escaped(type_text(field)) + " | " + default_text(field) + " | " +
         prose(field.description) + " |\n";
  if (!field.fields.empty()) add_rows(field.fields, key + ".", out);
  if (field.items.empty()) return;
  const Field& item = field.items.front();
  std::string below = field.type == Type::list ? key + "[]" : key + ".<" + field.key_name + ">";
  if (!item.fields.empty()) {
    add_rows(item.fields, below + ".", out);
  } else if (field.type == Type::map) {
    add_row(item, below, out);
  }
}

void add_rows(const std::vector<Field>& fields, const std::string& prefix, std::string& out) {
  for (const auto& field : fields) add_row(field, prefix + field.name, out);
}

}  // namespace

std::string limits_text(const Field& field) {
  if (field.type == Type::choice) {
    std::string out;
    for (std::size_t i = 0; i < field.choices.size(); ++i) {
      if (i > 0) out += i + 1 == field.choices.size() ? " or " : ", ";
      out += field.choices[i];
    }
    return out;
  }
  auto amount = [&](std::int64_t value) {
    if (field.type == Type::duration) return format_duration(value);
    return field.type == Type::size ? format_size(value) : std::to_string(value);
  };
  std::string out;
  if (field.minimum && field.maximum) {
    out = amount(*field.minimum) + " to " + amount(*field.maximum);
  } else if (field.minimum) {
    out = "at least " + amount(*field.minimum);
  } else if (field.maximum) {
    out = "at most " + amount(*field.maximum);
  }
  if (out.empty()) return out;
  if (field.type == Type::text) return out + " characters";
  return field.type == Type::list || field.type == Type::map ? out + " entries" : out;
}

std::string option_table(const Schema& schema) {
  std::string out = "| key | type | default | what |\n|---|---|---|---|\n";
  add_rows(schema.fields, {}, out);
  return out;
}

Result<std::string> replace_between_markers(std::string_view text, std::string_view name,
                                            std::string_view table) {
  constexpr std::string_view kEnd = "<!-- /options -->";
  std::string begin_marker = "<!-- options:" + std::string(name) + " -->";
  auto begin = text.find(begin_marker);
  if (begin == std::string_view::npos) return {Code::not_found, "found no line " + begin_marker};
  begin += begin_marker.size();
  auto end = text.find(kEnd, begin);
  if (end == std::string_view::npos) {
    return {Code::not_found, "found no line " + std::string(kEnd) + " after " + begin_marker};
  }
  std::string out(text.substr(0, begin));
  out += "\n";
  out += table;
  if (!table.ends_with('\n')) out += '\n';
  out += text.substr(end);
  return out;
}

}  // namespace postern::settings
