// What a plugin's bytes say about it before any of them runs: the manifest in its note, its embedded files,
// and the plain half of its descriptor. Fuzzed by tests/fuzz/note.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "postern/abi.hpp"
#include "postern/result.hpp"

namespace postern::plugins {

struct Note {
  std::string manifest;                      // manifest.yaml, byte for byte
  std::map<std::string, std::string> files;  // path below the plugin's folder -> content
  abi::Descriptor descriptor{};              // without its function pointers; all zero when `fault` is set
  /// Why the descriptor would be refused, as the rest of "refused x.so: "; empty: it would not.
  std::string fault;
};

/// An Error when not even a manifest can be read. Its message continues the sentence "refused x.so: ". [any
/// thread]
Result<Note> read_note(std::span<const std::byte> bytes);

/// The sentence that says how `theirs` differs from this host; empty when it does not. [any thread]
std::string compare_tags(const abi::Tag& theirs, const abi::Tag& ours);

/// A text of a descriptor, up to its first zero.
template <std::size_t N>
std::string_view text_of(const char (&field)[N]) {
  std::size_t size = 0;
  while (size < N && field[size] != '\0') ++size;
  return {field, size};
}

}  // namespace postern::plugins
