#include "host/settings/load.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "host/settings/checker.hpp"
#include "host/settings/parse.hpp"

namespace postern::settings {

namespace {

Value empty_map(const Value& in_place_of, const std::string& file) {
  auto node =
      in_place_of.node() != nullptr ? std::make_shared<Node>(*in_place_of.node()) : std::make_shared<Node>();
  node->kind = Value::Kind::map;
  if (!node->file) node->file = std::make_shared<const std::string>(file);
  if (node->at.line == 0) node->at = node->key_at = {1, 1};
  return Value(std::move(node));
}

Loaded check(const Value& value, const Schema& schema, const std::string& file, bool complete) {
  Loaded loaded;
  if (value.kind() != Value::Kind::map && !value.is_null()) {
    loaded.problems.push_back(problem_at(value, "a map of keys and values"));
    return loaded;
  }
  Checker checker(loaded.problems, complete);
  loaded.value = checker.map_with_fields(value.is_null() ? empty_map(value, file) : value, schema.fields);
  return loaded;
}

/// A file of another kind would be answered with a line for each of its lines.
void shorten(Problems& problems) {
  if (problems.size() <= kMostProblems) return;
  Problem rest{problems.front().file,
               0,
               0,
               {},
               std::to_string(problems.size() - kMostProblems) + " more mistakes",
               "the first " + std::to_string(kMostProblems) + " mended",
               {}};
  problems.resize(kMostProblems);
  problems.push_back(std::move(rest));
}

/// One problem when it cannot be read.
Problems read_file(const std::string& path, std::string& text) {
  auto problem = [&](std::string found) {
    return Problems{{path, 0, 0, {}, std::move(found), "a readable YAML file", {}}};
  };
  std::error_code error;
  auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return problem("no such file");
  if (!std::filesystem::is_regular_file(status)) return problem("something else than a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return problem(std::string("an unreadable file (") + std::strerror(errno) + ")");
  text.resize(kLargestFile + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return {};
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& file, const Schema& schema) {
  Parsed parsed = parse(text, {std::make_shared<const std::string>(file), nullptr, {}, false});
  if (!parsed.complete && parsed.value.node() == nullptr) return {{}, std::move(parsed.problems), false};
  Loaded loaded = check(parsed.value, schema, file, parsed.complete);
  loaded.complete = parsed.complete;
  loaded.problems.insert(loaded.problems.begin(), parsed.problems.begin(), parsed.problems.end());
  shorten(loaded.problems);
  return loaded;
}

Loaded load_file(const std::string& path, const Schema& schema) {
  std::string text;
  if (auto problems = read_file(path, text); !problems.empty()) return {{}, std::move(problems), false};
  return load_text(text, path, schema);
}

Loaded validate(const Value& value, const Schema& schema) { return check(value, schema, value.file(), true); }

Loaded load_untyped(std::string_view text, const std::string& file) {
  Parsed parsed = parse(text, {std::make_shared<const std::string>(file), nullptr, {}, false});
  shorten(parsed.problems);
  return {std::move(parsed.value), std::move(parsed.problems), parsed.complete};
}

Result<Value> parse_yaml(std::string_view text, const std::string& file) {
  Loaded loaded = load_untyped(text, file);
  if (!loaded.ok()) return {Code::invalid, to_string(loaded.problems)};
  return std::move(loaded.value);
}

Result<Value> parse_yaml_file(const std::string& path) {
  std::string text;
  if (auto problems = read_file(path, text); !problems.empty()) return {Code::not_found, to_string(problems)};
  return parse_yaml(text, path);
}

}  // namespace postern::settings
