#include <vector>

#include "host/settings/generate.hpp"
#include "host/settings/limits_text.hpp"
#include "host/settings/load.hpp"

namespace postern::settings {

namespace {

constexpr std::size_t kWidth = 118;       // of a line
constexpr std::size_t kCommentAt = 46;    // the margin that comments begin at
constexpr std::size_t kLongestFlow = 60;  // of a list on one line

struct Line {
  std::size_t indent = 0;
  std::string code;
  std::string comment;
  bool disabled = false;  // commented out: no value and no default
};

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    auto word = text.substr(0, end);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string printed(const Line& line) {
  std::string pad(line.indent, ' ');
  std::string code = pad + (line.disabled ? "# " : "") + line.code;
  if (line.comment.empty()) return code + "\n";
  std::string out;
  if (code.size() + 2 > kCommentAt) {
    for (const auto& part : wrap(line.comment, kWidth - line.indent - 2)) out += pad + "# " + part + "\n";
    return out + code + "\n";
  }
  code.resize(kCommentAt, ' ');
  for (const auto& part : wrap(line.comment, kWidth - kCommentAt - 2)) {
    out += code + "# " + part + "\n";
    code.assign(kCommentAt, ' ');
  }
  return out;
}

class Sample {
 public:
  void fields(const std::vector<Field>& fields, const Value& values, std::size_t indent, bool disabled) {
    for (const auto& field : fields) one(field, field.name, values[field.name], indent, disabled);
  }

  std::string print(std::string_view heading) const {
    std::string out;
    for (const auto& part : wrap(heading, kWidth - 2)) out += "# " + part + "\n";
    bool was_block = true;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      bool begins_block = lines_[i].indent == 0 && i + 1 < lines_.size() && lines_[i + 1].indent > 0;
      if (lines_[i].indent == 0 && (begins_block || was_block)) out += '\n';
      if (lines_[i].indent == 0) was_block = begins_block;
      out += printed(lines_[i]);
    }
    return out;
  }

 private:
  static std::string comment(const Field& field) {
    std::string limits = field.type == Type::list || field.type == Type::map ? "" : limits_text(field);
    if (limits.empty()) return field.description;
    return field.description.empty() ? limits : field.description + " (" + limits + ")";
  }

  static Value parsed(const std::string& yaml) {
    auto value = parse_yaml(yaml, "schema");
    return value.ok() ? *value : Value();
  }

  void one(const Field& field, const std::string& key, Value value, std::size_t indent, bool disabled) {
    if (value.is_null() && field.default_yaml) value = parsed(*field.default_yaml);
    bool fixed_map = field.type == Type::map && field.items.empty();
    if (value.is_null() && (!fixed_map || field.is_optional) && !field.is_required) disabled = true;
    if (value.is_null() && !field.example_yaml.empty()) value = parsed(field.example_yaml);
    if (fixed_map) {
      lines_.push_back({indent, key + ":", comment(field), disabled});
      return fields(field.fields, value, indent + 2, disabled);
    }
    if (is_block(field, value)) {
      lines_.push_back({indent, key + ":", comment(field), disabled});
      return block(field, value, indent + 2, disabled);
    }
    std::string code = key + ":" + (value.is_null() ? "" : " " + to_yaml(value));
    lines_.push_back({indent, std::move(code), comment(field), disabled});
  }

  static bool is_block(const Field& field, const Value& value) {
    if (value.kind() == Value::Kind::map) return !value.map().empty();
    if (value.kind() != Value::Kind::list || value.list().empty()) return false;
    return !field.items.front().fields.empty() || to_yaml(value).size() > kLongestFlow;
  }

  void block(const Field& field, const Value& value, std::size_t indent, bool disabled) {
    if (field.type == Type::list) {
      for (const auto& entry : value.list()) list_entry(field.items.front(), entry, indent, disabled);
      return;
    }
    for (const auto& [key, entry] : value.map()) {
      if (field.items.empty()) {
        lines_.push_back({indent, key + ": " + to_yaml(entry), {}, disabled});
      } else {
        one(field.items.front(), key, entry, indent, disabled);
      }
    }
  }

  void list_entry(const Field& item, const Value& entry, std::size_t indent, bool disabled) {
    if (item.fields.empty()) {
      lines_.push_back({indent, "- " + to_yaml(entry), {}, disabled});
      return;
    }
    auto first = lines_.size();
    fields(item.fields, entry, indent + 2, disabled);
    if (first == lines_.size()) return;
    lines_[first].indent = indent;
    lines_[first].code = "- " + lines_[first].code;
  }

  std::vector<Line> lines_;
};

}  // namespace

std::string commented_sample(const Schema& schema, const Value& values, std::string_view heading) {
  Sample sample;
  sample.fields(schema.fields, values, 0, false);
  return sample.print(heading);
}

}  // namespace postern::settings
