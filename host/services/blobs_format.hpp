// How a blob lies on disk, shared by its writer, its reader and the store; nobody else includes it.
//
//   plain       the content
//   encrypted   header (16 bytes): "POSTERNB", version (2, big-endian), frame size (4), zero (2)
//               frames: 64 KiB of content each (the last one shorter, and empty only when the blob is),
//               sealed by crypto::FrameCipher under a key of this blob alone: content || tag (16)
//
// The blob's key is kept in its row, wrapped by the firm's document key with the blob's id as context. The
// length in the row says how long the file must be, so a cut file is refused before its first byte is read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host/crypto/crypto.hpp"
#include "host/services/blobs.hpp"
#include "host/services/disk.hpp"
#include "host/services/type.hpp"

namespace postern::services::blobs {

inline constexpr std::int64_t kFrame = 64 * 1024;
inline constexpr std::int64_t kTag = 16;
inline constexpr std::int64_t kSealedFrame = kFrame + kTag;
inline constexpr std::int64_t kHeader = 16;
using Header = std::array<std::byte, kHeader>;

/// The only header there is today; a file that begins with anything else is refused.
Header header();
inline std::int64_t frames(std::int64_t bytes) { return bytes == 0 ? 1 : (bytes + kFrame - 1) / kFrame; }
inline std::int64_t file_bytes(std::int64_t bytes, bool encrypted) {
  return encrypted ? kHeader + bytes + frames(bytes) * kTag : bytes;
}

std::string wrap(const crypto::Key& document_key, const std::string& id, const crypto::Key& blob_key);
Result<crypto::Key> unwrap(const crypto::Key& document_key, const Blob& blob);

/// Space that writers of one store have announced and not yet written, so that many of them do not each count
/// the same free bytes as theirs.
using Promised = std::atomic<std::int64_t>;

/// Where a new blob goes. References outlive the writer: they are the store's.
struct Destination {
  std::string id;
  std::string root;  // the store's folder
  std::int64_t minimum_free = 0;
  std::int64_t promised = 0;  // already added to `store_promised`; the writer takes it back
  Promised& store_promised;
  const TypeDetector& types;
  const crypto::Key* document_key = nullptr;  // null: stored plain
};

std::string temporary_path(const std::string& root, std::string_view id);
std::string folder_of(const std::string& root, std::string_view id);
std::string path_of(const std::string& root, std::string_view id);

/// Code::no_space when fewer than `bytes` are free beside `minimum_free` and what other writers were
/// promised.
Result<void> check_space(const std::string& root, std::int64_t bytes, std::int64_t minimum_free);

/// `file` is the empty temporary file, locked.
std::unique_ptr<BlobWriter> writer(Destination destination, disk::Descriptor file);
Result<std::unique_ptr<BlobReader>> reader(const std::string& root, const Blob& blob,
                                           const crypto::Key& document_key);

}  // namespace postern::services::blobs
