// Where a plugin's file may lie and who may have written it; and its bytes, kept so that what was checked is
// what runs.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "postern/result.hpp"

namespace postern::plugins {

constexpr std::size_t kLargestPlugin = 256 * 1024 * 1024;  // bytes

/// A file's bytes in sealed memory: nobody can change them any more. A resource: neither copied nor moved.
class SealedFile {
 public:
  /// `folder` empty: from anywhere (inspection only). Else the file must lie in that folder, and file and
  /// folder belong to root or this user and be writable by no one else. Messages continue the sentence
  /// "refused x.so: ". [may block]
  static Result<std::unique_ptr<SealedFile>> read(const std::string& folder, const std::string& path);
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;
  ~SealedFile();

  std::span<const std::byte> bytes() const { return bytes_; }
  /// "/proc/self/fd/N", for the loader. From now on the descriptor stays open for the life of the process:
  /// were its number used again, glibc would take the next plugin for this one.
  std::string keep_for_loading();

 private:
  explicit SealedFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  bool kept_ = false;
  std::span<const std::byte> bytes_;
};

/// The file's name without its folder, as in messages. [any thread]
std::string file_name(const std::string& path);

}  // namespace postern::plugins
