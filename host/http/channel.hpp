// The bytes of one connection: a plain socket or TLS over it. Never blocks. Owned by its Connection, which
// owns the descriptor through the reactor's peer; the channel only uses it. [reactor thread]
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace postern::http {

enum class Io { done, again, end, dead };

class Channel {
 public:
  virtual ~Channel() = default;

  /// TLS: goes on shaking hands. done: data may flow; again: wait for the peer; dead: give up.
  virtual Io handshake() = 0;
  /// Reads up to `room` into it. `drained` becomes true when the next read would wait.
  virtual Io read(std::span<char> room, std::size_t& count, bool& drained) = 0;
  /// Writes from the front of `first`, then `second`; `count` bytes of both together were taken. `more`: more
  /// follows at once, so a packet need not leave now.
  virtual Io write(std::string_view first, std::string_view second, bool more, std::size_t& count) = 0;
  /// Sends up to `length` bytes of a file from `offset` without copying them through this process. Only when
  /// sends_files(). end: the file is shorter than promised.
  virtual Io send_file(int file, off_t offset, std::size_t length, std::size_t& count) = 0;
  virtual bool sends_files() const = 0;
  /// Says that nothing more will be written; reading may go on.
  virtual void close_writing() = 0;
  /// A TLS handshake failed because the peer speaks plain HTTP.
  virtual bool peer_speaks_plain() const { return false; }
};

std::unique_ptr<Channel> plain_channel(int descriptor);

}  // namespace postern::http
