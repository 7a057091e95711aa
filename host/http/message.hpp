// What the server and the application exchange: one request head, one response. Value types of our own, so
// that no other room sees Pistache.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::http {

/// Header fields in the order they came. Names compare without case (RFC 9110 section 5.1).
class Fields {
 public:
  void add(std::string name, std::string value) { all_.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);
  /// The first field of that name, empty view when there is none. The view lives as long as this object is
  /// not changed.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

/// A request's head, checked by the hard rules and normalised (RFC 9112 section 3, RFC 3986 section 6.2.2).
struct RequestHead {
  std::string method;  // upper case: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
  std::string
      path;  // percent-decoded, dot segments removed, begins with '/'; valid UTF-8 without control characters
  std::string query;       // raw, without '?'
  std::string host;        // lower case, without port
  std::uint16_t port = 0;  // of the Host field; the scheme's default when it names none
  Fields fields;
  std::string address;  // of the client in text; the forwarded one when a listed proxy sent it
  bool secure = false;  // came over TLS, or a listed proxy says so
  std::optional<std::uint64_t> content_length;  // empty: no body, or chunked
  bool chunked = false;
};

/// Bytes produced while they are sent: decrypted documents, archives, multipart ranges.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Fills up to `room` and returns how many bytes it wrote; 0 at the end; -1 when it cannot go on (the
  /// connection is cut, so that the client sees a short answer). [I/O thread, may block, one call at a time]
  virtual ssize_t read(std::span<std::byte> room) = 0;
};

/// A piece of an open file, sent with sendfile where there is no TLS. Owns the descriptor.
class FileRegion {
 public:
  FileRegion(int descriptor, std::uint64_t offset, std::uint64_t length)
      : descriptor_(descriptor), offset_(offset), length_(length) {}
  FileRegion(FileRegion&& other) noexcept;
  FileRegion& operator=(FileRegion&& other) noexcept;
  ~FileRegion();
  int descriptor() const { return descriptor_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t length() const { return length_; }

 private:
  int descriptor_;
  std::uint64_t offset_;
  std::uint64_t length_;
};

struct Response {
  int status = 200;
  Fields fields;  // the server adds Date, Connection, Content-Length or Transfer-Encoding itself

  // At most one of the three. For HEAD the server sends the head of what GET would have sent, without the
  // bytes.
  std::string bytes;
  std::optional<FileRegion> file;
  std::shared_ptr<BodySource> source;
  std::optional<std::uint64_t> source_length;  // exact length of `source`; empty: sent chunked

  /// When it becomes true the answer is cut within a second: the link behind it was revoked. May be null.
  std::shared_ptr<const std::atomic<bool>> cancelled;
  /// Called once, when the last byte was handed to the kernel or the connection ended: how many body bytes
  /// were delivered and whether that was all. [reactor thread, must not block]
  std::function<void(std::uint64_t delivered, bool complete)> on_sent;
  bool close = false;  // close the connection after this answer
};

}  // namespace postern::http
