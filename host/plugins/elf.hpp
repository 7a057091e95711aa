// ElfImage: sections and dynamic symbols of a shared library, read out of its bytes. Strict and
// bounds-checked, since the bytes may be a stranger's; runs nothing of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postern/result.hpp"

namespace postern::plugins {

/// A symbol that a library offers to others.
struct Export {
  std::string_view name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  bool unique = false;  // STB_GNU_UNIQUE: shared by all libraries of the process that define it
};

/// Views the bytes; they outlive it. Every function is [any thread].
class ElfImage {
 public:
  /// A 64-bit little-endian shared library for this machine, with section headers that describe what the
  /// loader would map. The message continues the sentence "refused x.so: ".
  static Result<ElfImage> read(std::span<const std::byte> bytes);

  /// The content of the first section of that name that is loaded with the program; empty optional when there
  /// is none.
  std::optional<std::span<const std::byte>> section(std::string_view name) const;
  /// `size` bytes that would be mapped at `address` and lie in the file.
  std::optional<std::span<const std::byte>> at_address(std::uint64_t address, std::uint64_t size) const;
  const std::vector<Export>& exports() const { return exports_; }

 private:
  struct Section {
    std::string_view name;
    std::uint32_t type = 0;
    std::uint32_t link = 0;
    std::uint64_t flags = 0, address = 0, offset = 0, size = 0, entry_size = 0;
  };
  struct Segment {
    std::uint32_t type = 0;
    std::uint64_t address = 0, offset = 0, size = 0;
  };

  explicit ElfImage(std::span<const std::byte> bytes) : bytes_(bytes) {}
  Result<void> read_header();
  Result<void> read_segments(std::uint64_t offset, std::size_t count);
  Result<void> read_sections(std::uint64_t offset, std::size_t count, std::size_t names);
  Result<void> read_symbols();
  Result<void> compare_with_dynamic(const Section& symbols, const Section& names) const;
  std::optional<std::span<const std::byte>> content(const Section& section) const;

  std::span<const std::byte> bytes_;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  std::vector<Export> exports_;
};

}  // namespace postern::plugins
