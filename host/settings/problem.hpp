// Problem: one mistake in a YAML file, said so that a person can mend it: where, which key, what was found,
// what is wanted. A reader gathers all of them; nobody should have to start a server ten times to find ten
// mistakes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/value.hpp"

namespace postern::settings {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  std::string file;
  int line = 0;  // from 1; 0: about the whole file
  int column = 0;
  std::string path;    // the key path; empty: about the file
  std::string found;   // with quotes where it is a text: `"soon"`, `400`, `nothing`, `a list`
  std::string wanted;  // "an integer from 1 to 365"
  std::string hint;    // what to do; may be empty
  Severity severity = Severity::error;

  /// config/firms/demo.yaml:12:9: plugins.share.expires_days: found "soon", want an integer from 1 to 365
  std::string to_string() const;
};

using Problems = std::vector<Problem>;

/// True when a problem is an error and not only a warning. [any thread]
bool has_errors(std::span<const Problem> problems);

/// One line each, in the order of file, line and column. [any thread]
std::string to_string(std::span<const Problem> problems);

/// A problem at this value's place; `found` is found_text(value) unless given. [any thread]
Problem problem_at(const Value& value, std::string wanted, std::string hint = {}, std::string found = {});

/// The same at the place of its key.
Problem problem_at_key(const Value& value, std::string wanted, std::string hint, std::string found);

/// A value as it stands in a message: `"soon"`, `400`, `true`, `nothing`, `a list`, `a map`; long texts are
/// cut, control characters escaped, secrets never shown. [any thread]
std::string found_text(const Value& value);
std::string in_quotes(std::string_view text);

/// The candidate that `text` was probably meant to be, by edit distance; empty when none is near. [any
/// thread]
std::string nearest(std::string_view text, std::span<const std::string> candidates);

/// "did you mean \"x\"?" or "". [any thread]
std::string did_you_mean(std::string_view text, std::span<const std::string> candidates);

}  // namespace postern::settings
