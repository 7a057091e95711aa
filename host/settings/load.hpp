// Reading YAML: strictly, with limits, all mistakes at once.
//
// Refused, each with its place: several documents, anchors, aliases, merge keys, tags, tabs in the
// indentation, duplicate keys, keys that are not texts, text that is not UTF-8, control characters, more than
// 1 MiB, 32 levels or 100,000 nodes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/settings/problem.hpp"
#include "host/settings/schema.hpp"
#include "host/settings/value.hpp"
#include "postern/result.hpp"

namespace postern::settings {

constexpr std::size_t kLargestFile = 1024 * 1024;  // bytes
constexpr int kDeepest = 32;                       // levels of maps and lists
constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kLongestKey = 256;    // bytes
constexpr std::size_t kMostProblems = 100;  // told; one more says how many there are

struct Loaded {
  Value value;  // checked, defaults filled in, units converted; what could be read of it when there are
                // problems
  Problems problems;
  bool complete = true;  // false: the text broke off, so `value` lacks what came after

  bool ok() const { return !has_errors(problems); }
};

/// `file` is only a name for messages, and the folder that relative `file:` secrets start from. [any thread]
Loaded load_text(std::string_view text, const std::string& file, const Schema& schema);
Loaded load_file(const std::string& path, const Schema& schema);  // [any thread, may block]

/// Checks a part of a file that was read before (a plugin's settings against its manifest); places and key
/// paths stay those of the file. A null value is an empty map. [any thread]
Loaded validate(const Value& value, const Schema& schema);

/// Untyped: scalars by the core schema of YAML 1.2 (10.3): null, true/false, integers (decimal, 0o, 0x),
/// decimal numbers; everything else and everything quoted is text. Code::invalid with every mistake, one a
/// line. [any thread]
Result<Value> parse_yaml(std::string_view text, const std::string& file);
Result<Value> parse_yaml_file(const std::string& path);  // Code::not_found when there is none. [may block]

/// parse_yaml with problems apart; the value holds what could be read. [any thread]
Loaded load_untyped(std::string_view text, const std::string& file);

}  // namespace postern::settings
