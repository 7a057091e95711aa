// The store: folders, free space, removing and sweeping. Writing is in blobs_writer.cpp, reading in
// blobs_reader.cpp.
//
//   <folder>/tmp/<id>      being written; its writer holds a lock (flock) on it, so that a sweep knows what
//   is alive <folder>/<xx>/<id>     whole; xx are the id's last two hex digits, which are random
#include "host/services/blobs.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "host/services/blobs_format.hpp"
#include "host/services/id.hpp"

namespace postern::services {
namespace blobs {

Header header() {
  Header bytes{};
  constexpr std::string_view kStart{"POSTERNB\0\1", 10};
  for (std::size_t i = 0; i < kStart.size(); ++i) bytes[i] = static_cast<std::byte>(kStart[i]);
  for (std::size_t i = 0; i < 4; ++i) bytes[10 + i] = static_cast<std::byte>(kFrame >> (24 - 8 * i) & 255);
  return bytes;
}

namespace {
std::string context(const std::string& id) { return "postern blob " + id; }
}  // namespace

std::string wrap(const crypto::Key& document_key, const std::string& id, const crypto::Key& blob_key) {
  return crypto::base64(crypto::bytes(crypto::seal(document_key, context(id), blob_key.bytes())));
}

Result<crypto::Key> unwrap(const crypto::Key& document_key, const Blob& blob) {
  const auto sealed = crypto::unbase64(blob.wrapped_key);
  if (sealed) {
    auto opened = crypto::open(document_key, context(blob.id), crypto::bytes(*sealed));
    if (opened.ok()) {
      auto key = crypto::Key::from_bytes(crypto::bytes(*opened));
      crypto::wipe(std::as_writable_bytes(std::span(*opened)));
      if (key.ok()) return key;
    }
  }
  return {Code::internal,
          "Blob " + blob.id + " cannot be opened: its key was not wrapped by this firm's documents.key."};
}

std::string temporary_path(const std::string& root, std::string_view id) {
  return root + "/tmp/" + std::string(id);
}
std::string folder_of(const std::string& root, std::string_view id) {
  return root + "/" + std::string(id.substr(id.size() - 2));
}
std::string path_of(const std::string& root, std::string_view id) {
  return folder_of(root, id) + "/" + std::string(id);
}

Result<void> check_space(const std::string& root, std::int64_t bytes, std::int64_t minimum_free) {
  struct statvfs disk {};
  if (::statvfs(root.c_str(), &disk) != 0)
    return disk::failure(errno, "Free space of " + root + " cannot be read");
  const auto free = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
  if (free - minimum_free >= bytes) return {};
  return {Code::no_space, "The storage is full: " + std::to_string(free >> 20) + " MiB are free, " +
                              std::to_string(minimum_free >> 20) + " MiB must stay free, and " +
                              std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB are needed."};
}

}  // namespace blobs

namespace {

// The blob's place in time is the disk's: a sweep compares with the files' own times, so no other clock will
// do.
Timestamp disk_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

class Store final : public BlobStore {
 public:
  Store(const Options& options, const crypto::Key& key) : options_(options), key_(key) {}

  Result<std::unique_ptr<BlobWriter>> create(std::optional<std::int64_t> expected) override {
    const std::int64_t promised = std::max<std::int64_t>(expected.value_or(0), 0);
    const std::int64_t before = promised_.fetch_add(promised);
    auto checked = blobs::check_space(options_.folder, before + promised, options_.minimum_free);
    const std::string id = new_id(disk_now());
    disk::Descriptor file;
    if (checked.ok()) {
      file = disk::open(blobs::temporary_path(options_.folder, id), O_WRONLY | O_CREAT | O_EXCL);
      // A sweep between the two calls would take the file for a dead one: the writer's finish() then says so.
      if (!file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        checked = disk::failure(errno, "Blob " + id + " cannot be made in " + options_.folder);
    }
    if (!checked.ok()) {
      promised_.fetch_sub(promised);
      return std::move(checked).error();
    }
    return blobs::writer({id, options_.folder, options_.minimum_free, promised, promised_, types_,
                          options_.encrypt ? &key_ : nullptr},
                         std::move(file));
  }

  Result<std::unique_ptr<BlobReader>> read(const Blob& blob) override {
    if (!is_id(blob.id)) return {Code::not_found, "There is no blob with such an id."};
    return blobs::reader(options_.folder, blob, key_);
  }

  Result<void> remove(std::string_view id) override {
    if (!is_id(id)) return {Code::not_found, "There is no blob with such an id."};
    const std::string path = blobs::path_of(options_.folder, id);
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return disk::failure(errno, "Blob " + std::string(id) + " cannot be removed");
  }

  Result<int> sweep(Timestamp before, const std::function<bool(std::string_view)>& known) override {
    POSTERN_TRY(int removed, sweep_temporary(before));
    std::error_code error;
    for (const auto& folder : std::filesystem::directory_iterator(options_.folder, error)) {
      const std::string name = folder.path().filename().string();
      if (name.size() != 2 || !folder.is_directory(error)) continue;
      POSTERN_TRY(const int here, sweep_folder(folder.path(), before, known));
      removed += here;
    }
    if (error) return disk::failure(error.value(), "Blobs of " + options_.folder + " cannot be listed");
    return removed;
  }

 private:
  /// True when the file's last change was before `before`, on the disk's clock.
  static bool older(const struct stat& file, Timestamp before) {
    return Timestamp{file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1'000'000} < before;
  }

  Result<int> sweep_temporary(Timestamp before) const {
    int removed = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder + "/tmp", error)) {
      const disk::Descriptor file = disk::open(entry.path().string(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
      struct stat found {};
      if (!file || ::fstat(file.get(), &found) != 0 || !older(found, before)) continue;
      if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        continue;  // its writer lives, in this process or another
      if (::unlink(entry.path().c_str()) == 0) ++removed;
    }
    if (error) return disk::failure(error.value(), "Folder " + options_.folder + "/tmp cannot be listed");
    return removed;
  }

  static Result<int> sweep_folder(const std::filesystem::path& folder, Timestamp before,
                                  const std::function<bool(std::string_view)>& known) {
    int removed = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      const std::string id = entry.path().filename().string();
      struct stat found {};
      if (!is_id(id) || ::lstat(entry.path().c_str(), &found) != 0 || !older(found, before) || known(id))
        continue;
      if (::unlink(entry.path().c_str()) == 0) ++removed;
    }
    if (error) return disk::failure(error.value(), "Folder " + folder.string() + " cannot be listed");
    return removed;
  }

  const Options options_;
  const crypto::Key& key_;
  blobs::Promised promised_ = 0;
  TypeDetector types_;
};

}  // namespace

Result<std::unique_ptr<BlobStore>> BlobStore::open(const Options& options, const crypto::Key& key) {
  POSTERN_CHECK(disk::make_folder(options.folder + "/tmp"));
  if (::access(options.folder.c_str(), R_OK | W_OK | X_OK) != 0)
    return disk::failure(errno, "Blob folder " + options.folder + " cannot be written");
  // All folders now, and synced before the first blob: one made beside a blob could be lost with it in a
  // crash, when another writer made it and has not synced it yet.
  for (unsigned i = 0; i < 256; ++i) {
    const auto byte = static_cast<std::byte>(i);
    const std::string folder = options.folder + "/" + crypto::hex({&byte, 1});
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
      return disk::failure(errno, "Blob folder " + folder + " cannot be made");
  }
  POSTERN_CHECK(disk::sync_folder(options.folder));
  return std::unique_ptr<BlobStore>(std::make_unique<Store>(options, key));
}

}  // namespace postern::services
