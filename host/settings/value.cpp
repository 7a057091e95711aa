#include "host/settings/value.hpp"

#include <charconv>
#include <stdexcept>

#include "host/settings/node.hpp"

namespace postern::settings {

namespace {

const Node& empty_node() {
  // Never destroyed, so that a Value in a static may outlive it.
  static const Node& node = *new Node();  // NOLINT: reachable for the life of the process
  return node;
}

const std::string& empty_text() { return empty_node().text; }

const Node& of(const Value& value) { return value.node() != nullptr ? *value.node() : empty_node(); }

/// True: read it. False: null, answer emptily. Throws when it is of another kind.
bool expect(const Value& value, Value::Kind kind) {
  if (value.kind() == kind) return true;
  if (value.is_null()) return false;
  throw std::logic_error("setting " + value.path() + " is " + std::string(name(value.kind())) + ", read as " +
                         std::string(name(kind)));
}

}  // namespace

Value::Kind Value::kind() const { return of(*this).kind; }

const std::string& Value::text() const { return expect(*this, Kind::text) ? of(*this).text : empty_text(); }

std::int64_t Value::integer() const { return expect(*this, Kind::integer) ? of(*this).integer : 0; }

double Value::number() const {
  if (kind() == Kind::integer) return static_cast<double>(of(*this).integer);
  return expect(*this, Kind::number) ? of(*this).number : 0;
}

bool Value::boolean() const { return expect(*this, Kind::boolean) && of(*this).boolean; }

const Value::List& Value::list() const {
  return expect(*this, Kind::list) ? of(*this).list : empty_node().list;
}

const Value::Map& Value::map() const { return expect(*this, Kind::map) ? of(*this).map : empty_node().map; }

Value Value::operator[](std::string_view key) const {
  for (const auto& [name, value] : of(*this).map) {
    if (name == key) return value;
  }
  return {};
}

bool Value::has(std::string_view key) const {
  for (const auto& entry : of(*this).map) {
    if (entry.first == key) return true;
  }
  return false;
}

Value Value::at_path(std::string_view path) const {
  if (path.empty()) return *this;
  if (kind() == Kind::list) {
    auto end = path.find(']');
    if (path.front() != '[' || end == std::string_view::npos) return {};
    std::size_t index = 0;
    auto [stop, error] = std::from_chars(path.data() + 1, path.data() + end, index);
    if (error != std::errc() || stop != path.data() + end || index >= list().size()) return {};
    auto rest = path.substr(end + 1);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    return list()[index].at_path(rest);
  }
  if (kind() != Kind::map) return {};
  if (has(path)) return (*this)[path];
  for (std::size_t end = path.find_first_of(".["); end != std::string_view::npos;
       end = path.find_first_of(".[", end + 1)) {
    if (!has(path.substr(0, end))) continue;
    auto rest = path.substr(path[end] == '.' ? end + 1 : end);
    return (*this)[path.substr(0, end)].at_path(rest);
  }
  return {};
}

const std::string& Value::file() const {
  const Node& node = of(*this);
  return node.file ? *node.file : empty_text();
}

int Value::line() const { return of(*this).at.line; }
int Value::column() const { return of(*this).at.column; }
int Value::key_line() const { return of(*this).key_at.line; }
int Value::key_column() const { return of(*this).key_at.column; }
std::string Value::path() const { return to_string(of(*this).step.get()); }
bool Value::is_default() const { return of(*this).from_default; }
bool Value::is_secret() const { return of(*this).secret; }

std::string to_string(const PathStep* step) {
  if (step == nullptr) return {};
  std::string text = to_string(step->parent.get());
  if (step->index >= 0) return text + "[" + std::to_string(step->index) + "]";
  if (!text.empty()) text += '.';
  return text + step->key;
}

std::string_view name(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::boolean:
      return "boolean";
    case Value::Kind::integer:
      return "integer";
    case Value::Kind::number:
      return "number";
    case Value::Kind::text:
      return "text";
    case Value::Kind::list:
      return "list";
    case Value::Kind::map:
      return "map";
  }
  return "null";
}

}  // namespace postern::settings
