// A schema read from YAML: the `settings:` of a plugin's manifest.
#include <algorithm>

#include "host/settings/checker.hpp"
#include "host/settings/formats.hpp"
#include "host/settings/parse.hpp"
#include "host/settings/schema.hpp"

namespace postern::settings {

namespace {

std::vector<std::pair<std::string, Type>> type_names() {
  std::vector<std::pair<std::string, Type>> out;
  for (int i = static_cast<int>(Type::text); i <= static_cast<int>(Type::address); ++i) {
    out.emplace_back(name(static_cast<Type>(i)), static_cast<Type>(i));
  }
  out.emplace_back("object", Type::map);
  return out;
}

std::optional<Complaint> check_key_name(std::string_view key) {
  if (is_key_name(key)) return std::nullopt;
  return Complaint{"a key of lower-case letters, digits and underscores, a letter first, at most 40", {}, {}};
}

/// The schema of one field of a schema.
Schema field_schema() {
  std::vector<std::string> types;
  for (const auto& entry : type_names()) types.push_back(entry.first);
  return Schema{{
      choice("type", "What kind of value", types).required(),
      text("description", "One sentence for tables and samples").at_most(500),
      any("default", "The value when the key is absent"),
      any("example", "A value for samples"),
      boolean("required", "Whether the key must stand").by_default("false"),
      any("minimum", "Least value, length or number of entries"),
      any("maximum", "Greatest value, length or number of entries"),
      list("choices", "The allowed texts of a choice", text().between(1, 100)).between(1, 100),
      any("items", "The field of a list's entries"),
      any("fields", "The fields of a map"),
      any("values", "The field of a map's values when any key may stand"),
  }};
}

class Reader {
 public:
  explicit Reader(Problems& problems) : problems_(problems), schema_(field_schema()) {}

  std::vector<Field> fields(const Value& value) {
    std::vector<Field> out;
    if (value.is_null()) return out;
    if (value.kind() != Value::Kind::map) {
      add(value, "a map of keys and their fields");
      return out;
    }
    for (const auto& [key, entry] : value.map()) {
      if (auto complaint = check_key_name(key)) {
        problems_.push_back(problem_at_key(entry, complaint->wanted, {}, "the key " + in_quotes(key)));
      }
      out.push_back(field(key, entry));
    }
    return out;
  }

  Field field(const std::string& key, const Value& value) {
    Field out;
    out.name = key;
    if (value.kind() != Value::Kind::map) {
      add(value, "a map with type, description, default");
      return out;
    }
    auto before = problems_.size();
    Value about = Checker(problems_, true).map_with_fields(value, schema_.fields);
    if (problems_.size() != before) return out;
    for (const auto& [type_name, type] : type_names()) {
      if (type_name == about["type"].text()) out.type = type;
    }
    out.description = about["description"].text();
    out.is_required = about["required"].boolean();
    for (const auto& entry : about["choices"].list()) out.choices.push_back(entry.text());
    read_shape(value, about, out);
    out.minimum = limit(about["minimum"], out.type);
    out.maximum = limit(about["maximum"], out.type);
    if (out.minimum && out.maximum && *out.minimum > *out.maximum)
      add(about["maximum"], "one not under minimum");
    if (about.has("example")) out.example_yaml = about["example"].to_json();  // JSON is YAML
    if (problems_.size() == before) read_default(about["default"], out);
    return out;
  }

 private:
  void add(const Value& value, std::string wanted, std::string hint = {}, std::string found = {}) {
    problems_.push_back(problem_at(value, std::move(wanted), std::move(hint), std::move(found)));
  }

  /// What belongs to some types only: choices, items, fields, values.
  void read_shape(const Value& value, const Value& about, Field& out) {
    auto only = [&](std::string_view key, Type type) {
      if (about.has(key) && out.type != type) {
        add(about[key], "no " + std::string(key) + " here", "only a " + std::string(name(type)) + " has them",
            "them");
      }
    };
    only("choices", Type::choice);
    only("items", Type::list);
    only("fields", Type::map);
    only("values", Type::map);
    if (out.type == Type::choice && out.choices.empty())
      add(value, "choices: a list of texts", {}, "a choice of nothing");
    if (out.type == Type::list) {
      if (about.has("items")) {
        out.items.push_back(field("", about["items"]));
      } else {
        add(value, "items: the field of its entries", {}, "a list of unknown entries");
      }
    }
    if (out.type != Type::map) return;
    if (about.has("fields") == about.has("values")) {
      add(value, "either fields or values", {},
          about.has("fields") ? "a map with both" : "a map with neither");
    } else if (about.has("fields")) {
      out.fields = fields(about["fields"]);
    } else {
      out.items.push_back(field("", about["values"]));
      out.key_name = "key";
    }
  }

  /// A limit as the type writes it: 3, 1h, 3 GiB.
  std::optional<std::int64_t> limit(const Value& value, Type type) {
    if (value.is_null()) return std::nullopt;
    Field form;
    form.type = type;
    bool counted = type == Type::integer || type == Type::text || type == Type::list;
    if (counted) form.type = Type::integer;
    if (!counted && type != Type::duration && type != Type::size) {
      add(value, "no limit here", "a " + std::string(name(type)) + " has none");
      return std::nullopt;
    }
    auto before = problems_.size();
    Value read = Checker(problems_, true).one(form, value);
    if (problems_.size() != before) return std::nullopt;
    return read.integer();
  }

  void read_default(const Value& value, Field& out) {
    if (value.is_null()) return;
    // A default that its own field refuses would only be seen when a firm leaves the key out.
    Checker(problems_, true).one(out, value);
    out.default_yaml = value.to_json();
  }

  Problems& problems_;
  Schema schema_;
};

}  // namespace

Result<Schema> schema_from(const Value& value) {
  Problems problems;
  Schema schema{Reader(problems).fields(value)};
  if (!problems.empty()) return {Code::invalid, to_string(problems)};
  return schema;
}

}  // namespace postern::settings
