// The firm's keys on disk: <folder>/documents.key, api.key and links/k1.key, k2.key, ... Each file holds 32
// bytes.
//
// Every opening and rotation holds a lock on the folder, so that racing first starts make one set of keys.
// They are made in the order documents, api, links: a folder with link keys but without the document key has
// lost it, and a new one in its place would leave every encrypted document unreadable without anybody
// noticing.
#include "host/services/keys.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "host/services/disk.hpp"

namespace postern::services {
namespace {

constexpr std::string_view kSuffix = ".key";

/// An exclusive lock on `folder` for as long as the descriptor lives.
Result<disk::Descriptor> lock(const std::string& folder) {
  disk::Descriptor held = disk::open(folder, O_RDONLY | O_DIRECTORY);
  if (!held) return disk::failure(errno, "Key folder " + folder + " cannot be opened");
  struct stat found {};
  if (::fstat(held.get(), &found) != 0)
    return disk::failure(errno, "Key folder " + folder + " cannot be read");
  if ((found.st_mode & 077) != 0)
    return {Code::forbidden,
            "Key folder " + folder + " is open to other users; run: chmod 700 " + folder + "."};
  int locked = 0;
  do locked = ::flock(held.get(), LOCK_EX);
  while (locked != 0 && errno == EINTR);
  if (locked != 0) return disk::failure(errno, "Key folder " + folder + " cannot be locked");
  return held;
}

/// What a crash in the middle of write_file() left behind. Only under the lock, so that nobody is using it.
void remove_leftovers(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(disk::kTemporary)) ::unlink(entry.path().c_str());
}

Result<crypto::Key> read_key(const std::string& path) {
  const disk::Descriptor file = disk::open(path, O_RDONLY | O_NONBLOCK);
  if (!file) return disk::failure(errno, "Key file " + path + " cannot be read");
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return disk::failure(errno, "Key file " + path + " cannot be read");
  if (!S_ISREG(found.st_mode)) return {Code::invalid, "Key file " + path + " is not a file."};
  if ((found.st_mode & 077) != 0)
    return {Code::forbidden,
            "Key file " + path + " can be used by other users; run: chmod 600 " + path + "."};
  if (found.st_size != 32)
    return {Code::invalid, "Key file " + path + " holds " + std::to_string(found.st_size) +
                               " bytes where a key has 32; restore it from the backup."};
  std::array<std::byte, 32> bytes{};
  const auto got = disk::read_at(file.get(), 0, bytes);
  if (got != 32) return disk::failure(got < 0 ? errno : EIO, "Key file " + path + " cannot be read");
  auto key = crypto::Key::from_bytes(bytes);
  crypto::wipe(bytes);
  return key;
}

Result<crypto::Key> make_key(const std::string& folder, const std::string& name) {
  const crypto::Key key = crypto::Key::random();
  POSTERN_CHECK(disk::write_file(folder, name, key.bytes()));
  return key;
}

Result<crypto::Key> read_or_make_key(const std::string& folder, const std::string& name) {
  struct stat found {};
  const std::string path = folder + "/" + name;
  if (::lstat(path.c_str(), &found) != 0 && errno == ENOENT) return make_key(folder, name);
  return read_key(path);
}

/// The numbers of the link keys on disk, in order.
Result<std::vector<unsigned>> link_numbers(const std::string& folder) {
  std::vector<unsigned> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    unsigned number = 0;
    if (name.starts_with('k')) std::from_chars(name.data() + 1, name.data() + name.size(), number);
    if (number == 0 || name != "k" + std::to_string(number) + std::string(kSuffix))
      return {Code::invalid, "Link key file " + entry.path().string() +
                                 " has no name such as k1.key; move it out of the folder."};
    numbers.push_back(number);
  }
  if (error) return disk::failure(error.value(), "Key folder " + folder + " cannot be read");
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string id_of(unsigned number) { return "k" + std::to_string(number); }

}  // namespace

FirmKeys::FirmKeys(std::string folder, crypto::Key documents, crypto::Key api, std::vector<LinkKey> links)
    : folder_(std::move(folder)), documents_(documents), api_(api), links_(std::move(links)) {}

Result<FirmKeys> FirmKeys::open(const std::string& folder) {
  POSTERN_CHECK(disk::make_folder(folder));
  POSTERN_TRY(const disk::Descriptor held, lock(folder));
  const std::string links_folder = folder + "/links";
  POSTERN_CHECK(disk::make_folder(links_folder));
  remove_leftovers(folder);
  remove_leftovers(links_folder);

  POSTERN_TRY(std::vector<unsigned> numbers, link_numbers(links_folder));
  std::error_code ignored;
  const bool fresh = numbers.empty();
  if (!fresh && !std::filesystem::exists(folder + "/documents.key", ignored))
    return {Code::not_found,
            "Key file " + folder +
                "/documents.key is missing although this firm has link keys; restore it from the "
                "backup, for without it no encrypted document can be read."};
  POSTERN_TRY(const crypto::Key documents, read_or_make_key(folder, "documents.key"));
  POSTERN_TRY(const crypto::Key api, read_or_make_key(folder, "api.key"));
  std::vector<LinkKey> links;
  if (fresh) {
    POSTERN_TRY(const crypto::Key first, make_key(links_folder, "k1.key"));
    links.push_back({"k1", first});
  }
  for (const unsigned number : numbers) {
    POSTERN_TRY(const crypto::Key key, read_key(links_folder + "/" + id_of(number) + std::string(kSuffix)));
    links.push_back({id_of(number), key});
  }
  return FirmKeys(folder, documents, api, std::move(links));
}

const LinkKey* FirmKeys::link_key(std::string_view id) const {
  const auto found =
      std::find_if(links_.begin(), links_.end(), [&](const LinkKey& key) { return key.id == id; });
  return found == links_.end() ? nullptr : &*found;
}

Result<std::string> FirmKeys::rotate_link_key() {
  POSTERN_TRY(const disk::Descriptor held, lock(folder_));
  const std::string links_folder = folder_ + "/links";
  POSTERN_TRY(const std::vector<unsigned> numbers, link_numbers(links_folder));
  // Another process may have rotated since this one started: its keys come first, so that ours is the newest.
  for (const unsigned number : numbers) {
    if (link_key(id_of(number)) != nullptr) continue;
    POSTERN_TRY(const crypto::Key key, read_key(links_folder + "/" + id_of(number) + std::string(kSuffix)));
    links_.push_back({id_of(number), key});
  }
  const std::string id = id_of((numbers.empty() ? 0 : numbers.back()) + 1);
  POSTERN_TRY(const crypto::Key key, make_key(links_folder, id + std::string(kSuffix)));
  links_.push_back({id, key});
  return id;
}

}  // namespace postern::services
