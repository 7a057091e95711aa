// Files that must survive a crash: descriptors that close themselves, folders that are synced, files that
// appear whole or not at all. Used by the key files and the blobs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "postern/result.hpp"

namespace postern::services::disk {

/// Owns one descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// "No space left on device". [any thread]
std::string reason(int error);
/// Code::no_space for a full disk or quota, else Code::internal; the sentence "<what>: <reason>." [any
/// thread]
Error failure(int error, std::string what);

/// open(2) with O_CLOEXEC, again after a signal.
Descriptor open(const std::string& path, int flags, unsigned mode = 0600);
/// Writes everything; 0 or an errno. [may block]
int write_all(int descriptor, std::span<const std::byte> data);
/// Reads up to out.size() bytes at `offset`, fewer only at the end of the file; -1 and errno on failure. [may
/// block]
std::ptrdiff_t read_at(int descriptor, std::int64_t offset, std::span<std::byte> out);

/// fsync of a folder, so that the names in it survive. [may block]
Result<void> sync_folder(const std::string& path);
/// Makes the folder (0700) and its parents where missing, and syncs the parent of each. [may block]
Result<void> make_folder(const std::string& path);
/// Writes `data` under a temporary name in `folder` (0600), syncs it, gives it `name` and syncs the folder:
/// the file is there whole or not at all. Replaces a file of that name. [may block]
Result<void> write_file(const std::string& folder, std::string_view name, std::span<const std::byte> data);

/// The prefix of write_file's temporary names; what a crash left of them may be removed by whoever owns the
/// folder.
inline constexpr std::string_view kTemporary = ".new-";

}  // namespace postern::services::disk
