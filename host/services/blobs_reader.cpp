// Reads one blob: pread of a plain one, whole frames of an encrypted one.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "host/services/blobs_format.hpp"

namespace postern::services::blobs {
namespace {

Error unreadable(const Blob& blob, int error) {
  return disk::failure(error, "Blob " + blob.id + " cannot be read");
}

Error damaged(const Blob& blob, const std::string& what) {
  return {Code::internal, "Blob " + blob.id + " is damaged: " + what + "; restore it from the backup.", {}};
}

class PlainReader final : public BlobReader {
 public:
  PlainReader(const Blob& blob, disk::Descriptor file) : blob_(blob), file_(std::move(file)) {}

  std::int64_t bytes() const override { return blob_.bytes; }

  std::optional<int> descriptor() const override {
    const int copy = ::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return std::nullopt;  // no descriptors left: read() still works
    return copy;
  }

  Result<std::size_t> read(std::int64_t offset, std::span<std::byte> out) override {
    if (offset < 0 || offset >= blob_.bytes) return std::size_t{0};
    const auto wanted = std::min<std::int64_t>(static_cast<std::int64_t>(out.size()), blob_.bytes - offset);
    const auto got = disk::read_at(file_.get(), offset, out.first(static_cast<std::size_t>(wanted)));
    if (got < 0) return unreadable(blob_, errno);
    if (got < wanted) return damaged(blob_, "the file was cut while it was read");
    return static_cast<std::size_t>(got);
  }

 private:
  const Blob blob_;
  const disk::Descriptor file_;
};

// Whole frames are read straight into the caller's memory, their tags aside, and decrypted in place; only a
// frame that is wanted in part passes through a buffer of one frame, which is kept for the next read.
class EncryptedReader final : public BlobReader {
 public:
  EncryptedReader(const Blob& blob, disk::Descriptor file, const crypto::Key& key)
      : blob_(blob), file_(std::move(file)), cipher_(key) {}

  std::int64_t bytes() const override { return blob_.bytes; }
  std::optional<int> descriptor() const override { return std::nullopt; }

  Result<std::size_t> read(std::int64_t offset, std::span<std::byte> out) override {
    if (blob_.bytes == 0) return read_empty();
    if (offset < 0 || offset >= blob_.bytes) return std::size_t{0};
    if (const auto left = blob_.bytes - offset; static_cast<std::int64_t>(out.size()) > left)
      out = out.first(static_cast<std::size_t>(left));
    std::size_t done = 0;
    while (done < out.size()) {
      POSTERN_TRY(const std::size_t part, step(offset + static_cast<std::int64_t>(done), out.subspan(done)));
      done += part;
    }
    return done;
  }

 private:
  static constexpr int kBatch = 8;  // frames read by one call

  std::int64_t length(std::int64_t frame) const { return std::min(kFrame, blob_.bytes - frame * kFrame); }
  bool last(std::int64_t frame) const { return frame + 1 == frames(blob_.bytes); }

  /// Part of one frame, or as many whole ones as fit.
  Result<std::size_t> step(std::int64_t offset, std::span<std::byte> out) {
    const std::int64_t frame = offset / kFrame;
    const auto within = static_cast<std::size_t>(offset % kFrame);
    if (within == 0 && frame != cached_ && static_cast<std::int64_t>(out.size()) >= length(frame))
      return read_frames(frame, out);
    if (frame != cached_) {
      cached_ = -1;
      cache_.resize(kFrame);
      POSTERN_TRY(const std::size_t got,
                  read_frames(frame, std::span(cache_).first(static_cast<std::size_t>(length(frame)))));
      static_cast<void>(got);
      cached_ = frame;
    }
    const auto part = std::min(out.size(), static_cast<std::size_t>(length(frame)) - within);
    std::copy_n(cache_.begin() + static_cast<std::ptrdiff_t>(within), part, out.begin());
    return part;
  }

  /// The whole frames from `first` on that fit into `out`, at least one and at most kBatch.
  Result<std::size_t> read_frames(std::int64_t first, std::span<std::byte> out) {
    std::array<iovec, 2 * kBatch> parts;
    std::array<std::array<std::byte, kTag>, kBatch> tags;
    int count = 0;
    std::size_t content = 0;
    for (auto frame = first; count < kBatch && frame < frames(blob_.bytes); ++frame, ++count) {
      const auto size = static_cast<std::size_t>(length(frame));
      if (out.size() - content < size) break;
      parts[static_cast<std::size_t>(2 * count)] = {out.data() + content, size};
      parts[static_cast<std::size_t>(2 * count + 1)] = {tags[static_cast<std::size_t>(count)].data(), kTag};
      content += size;
    }
    POSTERN_CHECK(fill(kHeader + first * kSealedFrame, {parts.data(), static_cast<std::size_t>(2 * count)}));
    std::size_t done = 0;
    for (int i = 0; i < count; ++i) {
      const auto plain = out.subspan(done, static_cast<std::size_t>(length(first + i)));
      if (!cipher_.open(static_cast<std::uint64_t>(first + i), last(first + i), plain,
                        tags[static_cast<std::size_t>(i)], plain)) {
        crypto::wipe(out.first(content));
        return damaged(blob_, "frame " + std::to_string(first + i) + " does not authenticate");
      }
      done += plain.size();
    }
    return content;
  }

  /// preadv that goes on after a short read.
  Result<void> fill(std::int64_t offset, std::span<iovec> parts) const {
    while (!parts.empty()) {
      const auto got = ::preadv(file_.get(), parts.data(), static_cast<int>(parts.size()), offset);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return unreadable(blob_, errno);
      if (got == 0) return damaged(blob_, "the file was cut while it was read");
      offset += got;
      auto taken = static_cast<std::size_t>(got);
      while (!parts.empty() && taken >= parts.front().iov_len) {
        taken -= parts.front().iov_len;
        parts = parts.subspan(1);
      }
      if (!parts.empty()) {
        parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + taken;
        parts.front().iov_len -= taken;
      }
    }
    return {};
  }

  /// Nothing is read from an empty blob, but its one frame must authenticate all the same.
  Result<std::size_t> read_empty() { return read_frames(0, {}); }

  const Blob blob_;
  const disk::Descriptor file_;
  crypto::FrameCipher cipher_;
  std::vector<std::byte> cache_;
  std::int64_t cached_ = -1;
};

}  // namespace

Result<std::unique_ptr<BlobReader>> reader(const std::string& root, const Blob& blob,
                                           const crypto::Key& document_key) {
  disk::Descriptor file = disk::open(path_of(root, blob.id), O_RDONLY | O_NOFOLLOW);
  struct stat found {};
  if (!file || ::fstat(file.get(), &found) != 0) return unreadable(blob, errno);
  const bool encrypted = !blob.wrapped_key.empty();
  if (const auto wanted = file_bytes(blob.bytes, encrypted); found.st_size != wanted)
    return damaged(blob, "its file has " + std::to_string(found.st_size) + " bytes instead of " +
                             std::to_string(wanted));
  if (!encrypted) return std::unique_ptr<BlobReader>(std::make_unique<PlainReader>(blob, std::move(file)));

  Header start;
  const auto got = disk::read_at(file.get(), 0, start);
  if (got < 0) return unreadable(blob, errno);
  if (start != header()) return damaged(blob, "its file does not begin as an encrypted blob does");
  POSTERN_TRY(const crypto::Key key, unwrap(document_key, blob));
  return std::unique_ptr<BlobReader>(std::make_unique<EncryptedReader>(blob, std::move(file), key));
}

}  // namespace postern::services::blobs
