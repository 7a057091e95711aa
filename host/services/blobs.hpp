// Blobs: bytes on disk under names the host makes up, written once, never changed.
//
// A blob is written to a temporary name while hashed, fsynced, renamed, and its folder fsynced; only then may
// a row name it. What no row names is swept after a day. Encrypted blobs are AES-256-GCM in frames of 64 KiB,
// so ranges can be read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "host/crypto/crypto.hpp"
#include "postern/time.hpp"

namespace postern::services {

/// What a finished blob is, to be kept in a row.
struct Blob {
  std::string id;           // UUIDv7; also its file name
  std::int64_t bytes = 0;   // of the content
  std::string sha256;       // hex, of the content
  std::int64_t crc32 = 0;   // of the content
  std::string type;         // media type by libmagic, from the first 64 KiB
  std::string wrapped_key;  // base64; empty: stored plain
};

/// A blob being written. Destroyed before finish(): nothing stays behind. One thread at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  /// Code::no_space when the disk is full or less than the configured space would stay free. [may block]
  virtual Result<void> write(std::span<const std::byte> piece) = 0;
  virtual std::int64_t bytes() const = 0;
  /// Makes it durable. An fsync that fails is final: the blob is lost. [may block]
  virtual Result<Blob> finish() = 0;
};

/// A stored blob, open for reading. One thread at a time.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::int64_t bytes() const = 0;
  /// A duplicate of the file's descriptor when it is stored plain, for sendfile; the caller owns it.
  virtual std::optional<int> descriptor() const = 0;
  /// Up to out.size() bytes from `offset`; fewer only at the end. Code::internal when a frame does not
  /// authenticate.
  virtual Result<std::size_t> read(std::int64_t offset, std::span<std::byte> out) = 0;
};

/// [any thread, concurrent]
class BlobStore {
 public:
  struct Options {
    std::string folder;
    bool encrypt = false;           // for new blobs; either kind can always be read
    std::int64_t minimum_free = 0;  // bytes that stay free on the disk
  };
  /// Makes the folder (0700) when missing. `key` (wraps the blob keys) outlives the store.
  static Result<std::unique_ptr<BlobStore>> open(const Options& options, const crypto::Key& key);
  virtual ~BlobStore() = default;

  /// `expected` bytes if known, to refuse early with Code::no_space.
  virtual Result<std::unique_ptr<BlobWriter>> create(std::optional<std::int64_t> expected) = 0;
  virtual Result<std::unique_ptr<BlobReader>> read(const Blob& blob) = 0;
  virtual Result<void> remove(std::string_view id) = 0;
  /// Removes temporary files and blobs older than `before` for which `known` says false. Returns how many.
  virtual Result<int> sweep(Timestamp before, const std::function<bool(std::string_view id)>& known) = 0;
};

}  // namespace postern::services
