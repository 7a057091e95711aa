// Hashes, keys, sealed boxes and random bytes. With http's TLS the only host room that knows OpenSSL; no
// OpenSSL type appears in its headers. Every function is [any thread] unless it says otherwise; a failing
// OpenSSL call is a broken machine and throws std::runtime_error.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "postern/result.hpp"

namespace postern::crypto {

using Bytes = std::span<const std::byte>;
using Digest = std::array<std::byte, 32>;

inline Bytes bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// SHA-256 in pieces (FIPS 180-4). One object, one thread.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(Bytes piece);
  Digest finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(Bytes data);
inline Digest sha256(std::string_view text) { return sha256(bytes(text)); }
/// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(Bytes key, Bytes data);
/// Equal, in time that does not depend on where they differ.
bool equal(Bytes left, Bytes right);
/// From the kernel's generator by way of OpenSSL.
void random(std::span<std::byte> out);

/// CRC-32 of ZIP and gzip (ISO 3309), continued from `so_far`.
std::uint32_t crc32(std::uint32_t so_far, Bytes data);

std::string hex(Bytes data);
std::optional<std::string> unhex(std::string_view text);
/// base64url without padding (RFC 4648 section 5).
std::string base64url(Bytes data);
/// Strict: no padding, no foreign characters, no stray bits in the last one.
std::optional<std::string> unbase64url(std::string_view text);
/// base64 with padding (RFC 4648 section 4).
std::string base64(Bytes data);
std::optional<std::string> unbase64(std::string_view text);

/// A 256-bit secret key. Wiped when destroyed.
class Key {
 public:
  static Key random();
  static Result<Key> from_bytes(Bytes bytes);  // exactly 32
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();
  Bytes bytes() const { return bytes_; }

 private:
  Key() = default;
  std::array<std::byte, 32> bytes_{};
};

/// AES-256-GCM (NIST SP 800-38D): nonce (12) || ciphertext || tag (16), the nonce random. For wrapping keys
/// and small secrets; `context` is authenticated and must be the same to open.
std::string seal(const Key& key, std::string_view context, Bytes plain);
/// Code::invalid when the key, the context or a single bit is wrong.
Result<std::string> open(const Key& key, std::string_view context, Bytes sealed);

/// Overwrites a secret that lives outside a Key, in a way the compiler may not remove.
void wipe(std::span<std::byte> secret);

/// One frame of a seekable file: AES-256-GCM under a key used for this file alone, nonce = frame number with
/// a mark on the last one, so that frames cannot be swapped, repeated or cut off unnoticed. One object, one
/// thread; reads and writes at several GB/s, so keep it for all frames of a file.
class FrameCipher {
 public:
  explicit FrameCipher(const Key& key);
  FrameCipher(FrameCipher&&) noexcept;
  FrameCipher& operator=(FrameCipher&&) noexcept;
  ~FrameCipher();
  /// out.size() == plain.size() + 16. Both may begin at the same address.
  void seal(std::uint64_t frame, bool last, Bytes plain, std::span<std::byte> out);
  /// False when it does not authenticate; `out` is then wiped. out.size() == sealed.size() - 16. Both may
  /// begin at the same address.
  bool open(std::uint64_t frame, bool last, Bytes sealed, std::span<std::byte> out);
  /// The same with the tag (16) kept apart. out.size() == content.size().
  bool open(std::uint64_t frame, bool last, Bytes content, Bytes tag, std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::crypto
