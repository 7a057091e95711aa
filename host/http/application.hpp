// The other side of the server: what answers requests. The server calls it, it never calls the server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "host/http/message.hpp"

namespace postern::http {

enum class BodyMode : std::uint8_t {
  none,      // a body is refused with 413
  buffered,  // collected up to `limit`, then handed to answer() in one piece
  streamed,  // handed over in pieces while it arrives; admit() is asked first
};

/// One request being answered. One thread at a time uses it; it is destroyed on any thread after the answer
/// was sent or the connection was lost. Destroyed without answer(): the request ended early, undo what was
/// begun.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual BodyMode body_mode() const = 0;        // [reactor thread] fixed for the life of the object
  virtual std::uint64_t body_limit() const = 0;  // bytes; over it: 413. [reactor thread]

  /// Only for streamed bodies: called when the head is there and nothing of the body was read. An answer
  /// refuses the body: it is sent and the connection closes. Empty: go on (100 Continue is sent if it was
  /// asked for). [action thread, may block]
  virtual std::optional<Response> admit() { return std::nullopt; }

  /// Only for streamed bodies: the next piece, in order. False: stop reading, ask answer() at once for the
  /// reason; the connection then closes. [I/O thread, may block; reading stops while more than 1 MiB waits]
  virtual bool take(std::span<const std::byte> piece) {
    (void)piece;
    return false;
  }

  /// True: answer() is called on the reactor thread at once and must not block. For requests without a body
  /// only. [reactor thread]
  virtual bool answers_at_once() const { return false; }

  /// The whole request is here (`body` is empty unless buffered). [action thread, may block, called at most
  /// once]
  virtual Response answer(std::string body) = 0;
};

class Application {
 public:
  virtual ~Application() = default;
  /// Chooses how to take the request; must not block. [reactor threads, concurrent]
  virtual std::unique_ptr<Exchange> begin(RequestHead head) = 0;
  /// The page for an error the server itself found (a bad head, a busy queue, a time-out). `head` is null
  /// when it could not be read. Must not block. [reactor threads, concurrent]
  virtual Response error(int status, const std::string& reason, const RequestHead* head) = 0;
};

}  // namespace postern::http
