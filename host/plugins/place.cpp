#include "host/plugins/place.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

namespace postern::plugins {

namespace {

/// A descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

std::string last_error() { return std::error_code(errno, std::generic_category()).message(); }

Error cannot_read(const std::string& why) { return {Code::not_found, "it cannot be read: " + why, {}}; }

/// root or this user, and nobody else may write to it.
Result<void> check_owner(const struct stat& status, const std::string& what) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return {Code::forbidden, what + " belongs to user " + std::to_string(status.st_uid) +
                                 ", this host wants root or user " + std::to_string(::geteuid()) +
                                 "; change its owner with chown"};
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return {Code::forbidden,
            what + " can be written to by others, this host wants its owner alone; run chmod go-w on it"};
  }
  return {};
}

/// The real path of a plugin inside its folder, links followed.
Result<std::string> real_path(const std::string& folder, const std::string& path) {
  if (!path.starts_with('/')) return {Code::invalid, "its path is not absolute; write it in full"};
  std::error_code error;
  auto real = std::filesystem::canonical(path, error);
  if (error) return cannot_read(error.message());
  if (folder.empty()) return real.string();
  auto real_folder = std::filesystem::canonical(folder, error);
  if (error) return cannot_read("the plugin folder: " + error.message());
  if (real.parent_path() != real_folder) {
    return {Code::forbidden, "it lies in " + real.parent_path().string() + ", this host takes plugins from " +
                                 real_folder.string() + "; copy it there"};
  }
  struct stat status {};
  if (::stat(real_folder.c_str(), &status) != 0) return cannot_read("the plugin folder: " + last_error());
  POSTERN_CHECK(check_owner(status, "its folder"));
  return real.string();
}

Result<void> copy(int from, int to) {
  std::array<char, 64 * 1024> buffer;
  std::size_t total = 0;
  while (true) {
    auto got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(last_error());
    if (got == 0) return {};
    total += static_cast<std::size_t>(got);
    if (total > kLargestPlugin) return cannot_read("it grew while it was read");
    for (ssize_t put = 0; put < got;) {
      auto more = ::write(to, buffer.data() + put, static_cast<std::size_t>(got - put));
      if (more < 0 && errno == EINTR) continue;
      if (more < 0) return {Code::unavailable, "there is no memory for it: " + last_error()};
      put += more;
    }
  }
}

}  // namespace

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

Result<std::unique_ptr<SealedFile>> SealedFile::read(const std::string& folder, const std::string& path) {
  POSTERN_TRY(auto real, real_path(folder, path));
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  Descriptor file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return cannot_read(last_error());
  if (!S_ISREG(status.st_mode)) {
    return {Code::invalid,
            "it is not a regular file; a plugin is a shared library built with postern_add_plugin()"};
  }
  if (!folder.empty()) POSTERN_CHECK(check_owner(status, "the file"));
  if (static_cast<std::uintmax_t>(status.st_size) > kLargestPlugin) {
    return {Code::too_large, "it has " + std::to_string(status.st_size) + " bytes, this host takes " +
                                 std::to_string(kLargestPlugin) + "; strip it, or keep data out of it"};
  }
  int memory = ::memfd_create(("postern:" + file_name(real)).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return {Code::unavailable, "there is no memory for it: " + last_error()};
  std::unique_ptr<SealedFile> sealed(new SealedFile(memory));
  POSTERN_CHECK(copy(file.number(), memory));
  if (::fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0 ||
      ::fstat(memory, &status) != 0) {
    return {Code::internal, "its copy in memory cannot be sealed: " + last_error()};
  }
  auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return sealed;
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, memory, 0);
  if (mapped == MAP_FAILED) return {Code::unavailable, "there is no memory for it: " + last_error()};
  sealed->bytes_ = {static_cast<const std::byte*>(mapped), size};
  return sealed;
}

std::string SealedFile::keep_for_loading() {
  kept_ = true;
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

SealedFile::~SealedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  if (!kept_) ::close(descriptor_);
}

}  // namespace postern::plugins
