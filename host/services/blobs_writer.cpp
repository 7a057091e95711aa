// Writes one blob: hash, seal, write, flush as it goes, and at the end make it durable under its own name.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "host/services/blobs_format.hpp"

namespace postern::services::blobs {
namespace {

// How far the disk may lag behind: each window is handed to it when it is full, and the writer waits for the
// one two windows back. So the fsync at the end has at most two windows to wait for, however long the blob
// is, and one upload cannot fill the machine's memory with dirty pages.
constexpr std::int64_t kWindow = 8 << 20;
// Free space is looked at again after so many bytes.
constexpr std::int64_t kSpaceCheck = 16 << 20;
// Pieces are hashed and written in steps that stay in the processor's cache.
constexpr std::size_t kStep = 64 * 1024;
constexpr std::size_t kHead = 64 * 1024;  // what libmagic gets to see

class Writer final : public BlobWriter {
 public:
  Writer(Destination destination, disk::Descriptor file)
      : to_(std::move(destination)), file_(std::move(file)), promised_(to_.promised) {
    if (to_.document_key == nullptr) return;
    key_ = crypto::Key::random();
    cipher_.emplace(*key_);
    frame_.reserve(kFrame);
    sealed_ = std::make_unique_for_overwrite<std::byte[]>(kSealedFrame);
    const Header start = header();
    pending_.assign(start.begin(), start.end());
  }

  ~Writer() override {
    keep_promise(promised_);
    if (!finished_) ::unlink(temporary_path(to_.root, to_.id).c_str());
  }

  Result<void> write(std::span<const std::byte> piece) override {
    if (failed_) return *failed_;
    while (!piece.empty()) {
      const auto step = piece.first(std::min(piece.size(), kStep));
      piece = piece.subspan(step.size());
      auto done = take(step);
      if (!done.ok()) return fail(std::move(done).error());
    }
    return {};
  }

  std::int64_t bytes() const override { return bytes_; }

  Result<Blob> finish() override {
    if (failed_) return *failed_;
    if (finished_) return {Code::internal, "Blob " + to_.id + " is finished already."};
    auto done = make_durable();
    if (!done.ok()) return fail(std::move(done).error()).error();
    finished_ = true;
    file_ = disk::Descriptor();
    const auto sum = hash_.finish();
    return Blob{to_.id, bytes_, crypto::hex(sum),
                crc32_, type(), key_ ? wrap(*to_.document_key, to_.id, *key_) : ""};
  }

 private:
  Result<void> fail(Error error) {
    failed_ = std::move(error);
    return *failed_;
  }

  Error broken(int error) const { return disk::failure(error, "Blob " + to_.id + " cannot be written"); }

  Result<void> take(std::span<const std::byte> step) {
    hash_.update(step);
    crc32_ = crypto::crc32(crc32_, step);
    bytes_ += static_cast<std::int64_t>(step.size());
    look(step);
    POSTERN_CHECK(cipher_ ? seal(step) : store(step));
    if (bytes_ - space_checked_ >= kSpaceCheck) {
      space_checked_ = bytes_;
      POSTERN_CHECK(check_space(to_.root, 0, to_.minimum_free));
    }
    return {};
  }

  /// Keeps the first 64 KiB until the type is known.
  void look(std::span<const std::byte> step) {
    if (type_) return;
    head_.insert(head_.end(), step.begin(),
                 step.begin() + static_cast<std::ptrdiff_t>(std::min(step.size(), kHead - head_.size())));
    if (head_.size() == kHead) type();
  }

  const std::string& type() {
    if (!type_) {
      type_ = to_.types.detect(head_);
      head_ = {};
    }
    return *type_;
  }

  /// Fills frames; one is sealed only when more follows, because the last one is marked.
  Result<void> seal(std::span<const std::byte> step) {
    while (!step.empty()) {
      if (frame_.size() == kFrame) POSTERN_CHECK(seal_frame(false));
      const auto part = step.first(std::min<std::size_t>(step.size(), kFrame - frame_.size()));
      frame_.insert(frame_.end(), part.begin(), part.end());
      step = step.subspan(part.size());
    }
    return {};
  }

  Result<void> seal_frame(bool last) {
    const std::span<std::byte> sealed(sealed_.get(), frame_.size() + kTag);
    cipher_->seal(frames_++, last, frame_, sealed);
    frame_.clear();
    if (frames_ == 1) POSTERN_CHECK(put_pending());  // the header
    return put(sealed);
  }

  /// Plain bytes to the file, in writes of 64 KiB and more.
  Result<void> store(std::span<const std::byte> data) {
    if (pending_.empty() && data.size() >= kStep) return put(data);
    pending_.insert(pending_.end(), data.begin(), data.end());
    return pending_.size() < kStep ? Result<void>() : put_pending();
  }

  Result<void> put_pending() {
    auto done = put(pending_);
    pending_.clear();
    return done;
  }

  Result<void> put(std::span<const std::byte> data) {
    if (const int error = disk::write_all(file_.get(), data); error != 0) return broken(error);
    written_ += static_cast<std::int64_t>(data.size());
    keep_promise(static_cast<std::int64_t>(data.size()));
    while (written_ - flushed_ >= kWindow) {
      POSTERN_CHECK(flush(flushed_, SYNC_FILE_RANGE_WRITE));
      if (flushed_ >= 2 * kWindow)
        POSTERN_CHECK(flush(flushed_ - 2 * kWindow, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                                        SYNC_FILE_RANGE_WAIT_AFTER));
      flushed_ += kWindow;
    }
    return {};
  }

  /// A failure here is as final as one of fsync: the kernel reports each lost page once, to whoever asks
  /// first.
  Result<void> flush(std::int64_t offset, unsigned flags) const {
    if (::sync_file_range(file_.get(), offset, kWindow, flags) == 0) return {};
    if (errno == ENOSYS || errno == EINVAL || errno == ESPIPE || errno == EOPNOTSUPP || errno == EINTR)
      return {};
    return broken(errno);
  }

  void keep_promise(std::int64_t bytes) {
    const auto part = std::min(bytes, promised_);
    promised_ -= part;
    to_.store_promised.fetch_sub(part);
  }

  Result<void> make_durable() {
    if (cipher_) POSTERN_CHECK(seal_frame(true));
    POSTERN_CHECK(put_pending());
    struct stat found {};
    if (::fdatasync(file_.get()) != 0 || ::fstat(file_.get(), &found) != 0) return broken(errno);
    if (found.st_size != file_bytes(bytes_, cipher_.has_value())) return broken(EIO);
    const std::string folder = folder_of(to_.root, to_.id);
    const std::string from = temporary_path(to_.root, to_.id);
    const std::string path = path_of(to_.root, to_.id);
    if (::rename(from.c_str(), path.c_str()) != 0) {
      if (errno != ENOENT) return broken(errno);
      POSTERN_CHECK(disk::make_folder(folder));  // somebody tidied an empty folder away
      if (::rename(from.c_str(), path.c_str()) != 0) return broken(errno);
    }
    auto synced = disk::sync_folder(folder);
    if (!synced.ok()) ::unlink(path.c_str());
    return synced;
  }

  Destination to_;
  disk::Descriptor file_;
  std::int64_t promised_;
  std::optional<Error> failed_;
  bool finished_ = false;

  crypto::Sha256 hash_;
  std::uint32_t crc32_ = 0;
  std::int64_t bytes_ = 0;          // of the content
  std::int64_t space_checked_ = 0;  // `bytes_` at that time
  std::vector<std::byte> head_;
  std::optional<std::string> type_;

  std::optional<crypto::Key> key_;
  std::optional<crypto::FrameCipher> cipher_;
  std::uint64_t frames_ = 0;
  std::vector<std::byte> frame_;         // not sealed yet
  std::unique_ptr<std::byte[]> sealed_;  // room for one
  std::vector<std::byte> pending_;       // not written yet
  std::int64_t written_ = 0;             // to the file
  std::int64_t flushed_ = 0;
};

}  // namespace

std::unique_ptr<BlobWriter> writer(Destination destination, disk::Descriptor file) {
  return std::make_unique<Writer>(std::move(destination), std::move(file));
}

}  // namespace postern::services::blobs
