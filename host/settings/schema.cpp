#include "host/settings/schema.hpp"

#include <array>

#include "host/settings/formats.hpp"

namespace postern::settings {

namespace {

Field make(Type type, std::string name, std::string description) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  field.description = std::move(description);
  return field;
}

std::string amount(const Field& field, std::int64_t value) {
  if (field.type == Type::duration) return format_duration(value);
  if (field.type == Type::size) return format_size(value);
  return std::to_string(value);
}

/// " from 1 to 365", " of at least 1", "".
std::string range(const Field& field, std::string_view unit = {}) {
  auto number = [&](std::int64_t value) {
    std::string out = amount(field, value);
    if (unit.empty()) return out;
    out += ' ';
    if (unit == "entries" && value == 1) return out + "entry";
    return out + (unit == "characters" && value == 1 ? "character" : std::string(unit));
  };
  if (field.minimum && field.maximum) {
    std::string_view between = unit.empty() ? " from " : " of ";
    return std::string(between) + amount(field, *field.minimum) + " to " + number(*field.maximum);
  }
  if (field.minimum) return " of at least " + number(*field.minimum);
  if (field.maximum) return " of at most " + number(*field.maximum);
  return {};
}

}  // namespace

std::string_view name(Type type) {
  constexpr std::array<std::string_view, 18> kNames{
      "any",   "text", "integer",   "boolean", "list",      "map",      "duration", "size",   "choice",
      "email", "url",  "host_name", "colour",  "time_zone", "language", "path",     "secret", "address"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string wanted_text(const Field& field) {
  switch (field.type) {
    case Type::any:
      return "a value";
    case Type::text:
      return "a text" + range(field, "characters");
    case Type::integer:
      return "an integer" + range(field);
    case Type::boolean:
      return "true or false";
    case Type::list:
      return "a list" + range(field, "entries");
    case Type::map:
      return "a map";
    case Type::duration: {
      auto limits = range(field);
      return limits.empty() ? "a duration such as 30d, 12h, 15m, 90s or 250ms" : "a duration" + limits;
    }
    case Type::size: {
      auto limits = range(field);
      return limits.empty() ? "a size such as 3 GiB, 512 MiB or 10 kB" : "a size" + limits;
    }
    case Type::choice: {
      std::string out;
      for (std::size_t i = 0; i < field.choices.size(); ++i) {
        if (i > 0) out += i + 1 == field.choices.size() ? " or " : ", ";
        out += field.choices[i];
      }
      return out;
    }
    case Type::email:
      return "an email address such as ann@example.com";
    case Type::url:
      return "a URL such as https://links.example.com";
    case Type::host_name:
      return "a host name such as links.example.com, without scheme or port";
    case Type::colour:
      return "a colour such as \"#1a5fb4\", in quotes";
    case Type::time_zone:
      return "an IANA time zone such as Europe/Madrid";
    case Type::language:
      return "a language tag such as en, ja or pt-BR";
    case Type::path:
      return "a path";
    case Type::secret:
      return "a reference to a secret, file:PATH or env:NAME";
    case Type::address:
      return "an address such as 127.0.0.1:8080, [::1]:8080 or unix:/run/postern.sock";
  }
  return {};
}

Field& Field::required() {
  is_required = true;
  return *this;
}
Field& Field::optional() {
  is_optional = true;
  return *this;
}
Field& Field::or_secret() {
  may_be_secret = true;
  return *this;
}
Field& Field::by_default(std::string yaml) {
  default_yaml = std::move(yaml);
  return *this;
}
Field& Field::example(std::string yaml) {
  example_yaml = std::move(yaml);
  return *this;
}
Field& Field::between(std::int64_t least, std::int64_t most) { return at_least(least).at_most(most); }
Field& Field::at_least(std::int64_t least) {
  minimum = least;
  return *this;
}
Field& Field::at_most(std::int64_t most) {
  maximum = most;
  return *this;
}
Field& Field::checked_by(std::function<std::optional<Complaint>(const Value&)> function) {
  check = std::move(function);
  return *this;
}
Field& Field::keys_checked_by(std::function<std::optional<Complaint>(std::string_view)> function) {
  key_check = std::move(function);
  return *this;
}

Field any(std::string name, std::string what) { return make(Type::any, std::move(name), std::move(what)); }
Field text(std::string name, std::string what) { return make(Type::text, std::move(name), std::move(what)); }
Field integer(std::string name, std::string what) {
  return make(Type::integer, std::move(name), std::move(what));
}
Field boolean(std::string name, std::string what) {
  return make(Type::boolean, std::move(name), std::move(what));
}
Field duration(std::string name, std::string what) {
  return make(Type::duration, std::move(name), std::move(what));
}
Field size(std::string name, std::string what) { return make(Type::size, std::move(name), std::move(what)); }
Field email(std::string name, std::string what) {
  return make(Type::email, std::move(name), std::move(what));
}
Field url(std::string name, std::string what) { return make(Type::url, std::move(name), std::move(what)); }
Field host_name(std::string name, std::string what) {
  return make(Type::host_name, std::move(name), std::move(what));
}
Field colour(std::string name, std::string what) {
  return make(Type::colour, std::move(name), std::move(what));
}
Field time_zone(std::string name, std::string what) {
  return make(Type::time_zone, std::move(name), std::move(what));
}
Field language(std::string name, std::string what) {
  return make(Type::language, std::move(name), std::move(what));
}
Field path(std::string name, std::string what) { return make(Type::path, std::move(name), std::move(what)); }
Field secret(std::string name, std::string what) {
  return make(Type::secret, std::move(name), std::move(what));
}
Field address(std::string name, std::string what) {
  return make(Type::address, std::move(name), std::move(what));
}

Field choice(std::string name, std::string what, std::vector<std::string> choices) {
  Field field = make(Type::choice, std::move(name), std::move(what));
  field.choices = std::move(choices);
  return field;
}

Field list(std::string name, std::string what, Field item) {
  Field field = make(Type::list, std::move(name), std::move(what));
  field.items.push_back(std::move(item));
  return field;
}

Field map(std::string name, std::string what, std::vector<Field> fields) {
  Field field = make(Type::map, std::move(name), std::move(what));
  field.fields = std::move(fields);
  return field;
}

Field map_of(std::string name, std::string what, std::string key_name, Field item) {
  Field field = make(Type::map, std::move(name), std::move(what));
  field.key_name = std::move(key_name);
  field.items.push_back(std::move(item));
  return field;
}

const Field* Schema::find(std::string_view path) const {
  const std::vector<Field>* level = &fields;
  while (true) {
    auto end = path.find('.');
    auto key = path.substr(0, end);
    const Field* hit = nullptr;
    for (const auto& field : *level) {
      if (field.name == key) hit = &field;
    }
    if (hit == nullptr || end == std::string_view::npos) return hit;
    level = &hit->fields;
    path.remove_prefix(end + 1);
  }
}

}  // namespace postern::settings
