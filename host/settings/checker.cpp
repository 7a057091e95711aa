#include "host/settings/checker.hpp"

#include <algorithm>
#include <stdexcept>

#include "host/settings/forms.hpp"
#include "host/settings/scalar.hpp"

namespace postern::settings {

namespace {

using Kind = Value::Kind;

bool within(const Field& field, std::int64_t amount) {
  return (!field.minimum || amount >= *field.minimum) && (!field.maximum || amount <= *field.maximum);
}

/// `settings:` with nothing behind it, because all below is commented out, is an empty map or list.
bool counts_as_absent(const Field& field, const Value& value) {
  if (value.node() == nullptr) return true;
  return value.is_null() && (field.type == Type::map || field.type == Type::list || field.type == Type::any);
}

std::string counted(std::size_t entries) {
  return entries == 1 ? "a list of 1 entry" : "a list of " + std::to_string(entries) + " entries";
}

/// What a person probably meant who wrote a value of another kind.
std::string kind_hint(const Field& field, const Value& value) {
  bool scalar = value.kind() != Kind::list && value.kind() != Kind::map;
  if (value.is_null()) {
    if (field.type == Type::colour) return "a # outside of quotes begins a comment";
    return field.is_required ? "" : "leave the key out instead";
  }
  if (!scalar) return {};
  switch (field.type) {
    case Type::list:
      return "write each entry on a line of its own after \"- \"";
    case Type::duration:
      return value.kind() == Kind::integer ? "add a unit: ms, s, m, h or d" : "";
    case Type::size:
      return value.kind() == Kind::integer ? "add a unit: B, kB, KiB, MiB or GiB" : "";
    case Type::text:
    case Type::path:
    case Type::choice:
      return "write it in quotes: \"" + value.node()->text + "\"";
    case Type::integer:
    case Type::boolean: {
      if (value.kind() != Kind::text) return {};
      const auto& written = value.text();
      Node plain;
      type_plain_scalar(written, plain);
      auto wanted = field.type == Type::integer ? Kind::integer : Kind::boolean;
      if (plain.kind == wanted) return "write it without quotes";
      if (wanted == Kind::integer) return {};
      if (written == "yes" || written == "on") return "write true";
      return written == "no" || written == "off" ? "write false" : "";
    }
    default:
      return {};
  }
}

}  // namespace

Value Checker::map_with_fields(const Value& value, const std::vector<Field>& fields) {
  auto node = std::make_shared<Node>(*value.node());
  node->map.clear();
  std::vector<std::string> known;
  for (const auto& field : fields) known.push_back(field.name);
  for (const auto& [key, entry] : value.map()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) unknown_key(key, entry, known);
  }
  for (const auto& field : fields) {
    Value entry = value[field.name];
    Value checked =
        counts_as_absent(field, entry) ? absent(field, field.name, value, entry) : one(field, entry);
    if (checked.node() != nullptr) node->map.emplace_back(field.name, std::move(checked));
  }
  return Value(std::move(node));
}

Value Checker::one(const Field& field, const Value& value) {
  auto before = problems_.size();
  Value checked = typed(field, value);
  if (problems_.size() != before || !field.check || checked.is_null()) return checked;
  auto complaint = field.check(checked);
  if (!complaint) return checked;
  add(value, complaint->wanted, complaint->hint, complaint->found);
  return {};
}

void Checker::add(const Value& value, std::string wanted, std::string hint, std::string found) {
  problems_.push_back(problem_at(value, std::move(wanted), std::move(hint), std::move(found)));
}

void Checker::unknown_key(const std::string& key, const Value& entry, const std::vector<std::string>& known) {
  std::string wanted = known.empty() ? "no keys here" : "one of ";
  for (std::size_t i = 0; i < known.size(); ++i) wanted += (i > 0 ? ", " : "") + known[i];
  problems_.push_back(problem_at_key(entry, std::move(wanted), did_you_mean(key, known), "an unknown key"));
}

Value Checker::absent(const Field& field, const std::string& key, const Value& parent, const Value& written) {
  auto step = std::make_shared<PathStep>();
  step->parent = parent.node()->step;
  step->key = key;
  Position at{parent.key_line(), parent.key_column()};
  if (written.node() != nullptr) at = {written.key_line(), written.key_column()};
  Origin origin{parent.node()->file, step, at, true};
  if (field.default_yaml) return by_default(field, origin, *field.default_yaml);
  if (field.is_required) {
    if (!complete_) return {};
    Node nothing;
    nothing.file = origin.file;
    nothing.at = at;
    nothing.step = step;
    add(Value(std::make_shared<const Node>(nothing)), wanted_text(field), field.description);
    return {};
  }
  bool fill = field.type == Type::map && !field.is_optional;
  return fill ? by_default(field, origin, "{}") : Value();
}

Value Checker::by_default(const Field& field, const Origin& origin, std::string_view yaml) {
  Parsed parsed = parse(yaml, origin);
  if (!parsed.problems.empty() || parsed.value.node() == nullptr) {
    throw std::logic_error("the default of " + field.name + " is not YAML: " + to_string(parsed.problems));
  }
  return one(field, parsed.value);
}

Value Checker::typed(const Field& field, const Value& value) {
  switch (field.type) {
    case Type::any:
      return value;
    case Type::list:
      return list(field, value);
    case Type::map:
      return map(field, value);
    case Type::boolean:
      return value.kind() == Kind::boolean ? value : wrong_kind(field, value);
    case Type::integer:
      if (value.kind() != Kind::integer || !within(field, value.integer())) return wrong_kind(field, value);
      return value;
    default:
      return text_form(field, value);
  }
}

Value Checker::wrong_kind(const Field& field, const Value& value) {
  bool scalar = value.kind() != Kind::list && value.kind() != Kind::map && !value.is_null();
  std::string found;
  if (field.type == Type::secret && scalar) found = "a secret written out";  // and never what it is
  add(value, wanted_text(field), kind_hint(field, value), found);
  return {};
}

Value Checker::text_form(const Field& field, const Value& value) {
  if (value.kind() != Kind::text) return wrong_kind(field, value);
  auto node = std::make_shared<Node>(*value.node());
  if (auto complaint = apply_form(field, *node)) {
    std::string wanted = complaint->wanted.empty() ? wanted_text(field) : complaint->wanted;
    add(value, std::move(wanted), complaint->hint, complaint->found);
    return {};
  }
  return Value(std::move(node));
}

Value Checker::list(const Field& field, const Value& value) {
  if (value.kind() != Kind::list) return wrong_kind(field, value);
  auto entries = value.list().size();
  if (!within(field, static_cast<std::int64_t>(entries))) {
    add(value, wanted_text(field), {}, entries == 0 ? "an empty list" : counted(entries));
  }
  auto node = std::make_shared<Node>(*value.node());
  for (auto& entry : node->list) entry = one(field.items.front(), entry);
  return Value(std::move(node));
}

Value Checker::map(const Field& field, const Value& value) {
  if (value.kind() != Kind::map) return wrong_kind(field, value);
  if (field.items.empty()) return map_with_fields(value, field.fields);
  auto node = std::make_shared<Node>(*value.node());
  node->map.clear();
  for (const auto& [key, entry] : value.map()) {
    if (field.key_check) {
      if (auto complaint = field.key_check(key)) {
        problems_.push_back(
            problem_at_key(entry, complaint->wanted, complaint->hint, "the key " + in_quotes(key)));
      }
    }
    // `share:` with nothing behind it is a map with all defaults.
    bool empty = entry.is_null() && field.items.front().type == Type::map;
    node->map.emplace_back(
        key, empty ? absent(field.items.front(), key, value, entry) : one(field.items.front(), entry));
  }
  return Value(std::move(node));
}

}  // namespace postern::settings
