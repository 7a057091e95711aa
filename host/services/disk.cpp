#include "host/services/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "host/crypto/crypto.hpp"

namespace postern::services::disk {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::string reason(int error) { return std::generic_category().message(error); }

Error failure(int error, std::string what) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return {full ? Code::no_space : Code::internal, std::move(what) + ": " + reason(error) + ".", {}};
}

Descriptor open(const std::string& path, int flags, unsigned mode) {
  int number = -1;
  do number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

int write_all(int descriptor, std::span<const std::byte> data) {
  while (!data.empty()) {
    const auto written = ::write(descriptor, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

std::ptrdiff_t read_at(int descriptor, std::int64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got =
        ::pread(descriptor, out.data() + done, out.size() - done, offset + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::ptrdiff_t>(done);
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor folder = open(path, O_RDONLY | O_DIRECTORY);
  if (!folder || ::fsync(folder.get()) != 0)
    return failure(errno, "Folder " + path + " cannot be synced to disk");
  return {};
}

Result<void> make_folder(const std::string& path) {
  const auto whole = std::filesystem::path(path).lexically_normal();
  std::filesystem::path so_far;
  for (const auto& part : whole) {
    if (part.empty()) continue;  // a slash at the end
    const auto parent = so_far;
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) == 0) {
      POSTERN_CHECK(sync_folder(parent.empty() ? "." : parent.string()));
      continue;
    }
    const int error = errno;
    struct stat found {};
    if (::stat(so_far.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) continue;
    return failure(error == EEXIST ? ENOTDIR : error, "Folder " + path + " cannot be made");
  }
  return {};
}

Result<void> write_file(const std::string& folder, std::string_view name, std::span<const std::byte> data) {
  const std::string path = folder + "/" + std::string(name);
  std::array<std::byte, 8> random{};
  crypto::random(random);
  const std::string temporary = folder + "/" + std::string(kTemporary) + crypto::hex(random);
  int error = 0;
  {
    const Descriptor file = open(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) return failure(errno, "File " + path + " cannot be made");
    error = write_all(file.get(), data);
    if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  }
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return failure(error, "File " + path + " cannot be written");
  }
  return sync_folder(folder);
}

}  // namespace postern::services::disk
