// One exchange while threads hand it around. Shared by the connection and whatever task runs for it; the last
// one to let go destroys it.
#pragma once

#include <atomic>
#include <memory>

#include "host/http/application.hpp"

namespace postern::http {

struct Job {
  explicit Job(std::unique_ptr<Exchange> e) : exchange(std::move(e)) {}

  std::unique_ptr<Exchange> exchange;
  std::atomic<bool> abandoned{false};  // the connection is gone: begin nothing more
};

/// Bytes on their way between the reactor and an I/O thread.
struct Piece {
  std::unique_ptr<char[]> data;
  std::size_t capacity = 0;
  std::size_t begin = 0;  // of what is to be sent or taken
  std::size_t end = 0;
  std::size_t prefix = 0;   // framing in front of the payload, within begin..end
  std::size_t payload = 0;  // bytes of the body

  static Piece of(std::size_t capacity) {
    Piece piece;
    piece.data = std::make_unique_for_overwrite<char[]>(capacity);
    piece.capacity = capacity;
    return piece;
  }
};

}  // namespace postern::http
