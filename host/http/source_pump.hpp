// Reads a BodySource on I/O threads, a little ahead of what the reactor sends, so that neither waits for the
// other. At most two pieces wait, so a client that does not read costs no memory beyond them. Created by one
// connection.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "host/http/job.hpp"
#include "host/http/loop.hpp"

namespace postern::http {

class SourcePump : public std::enable_shared_from_this<SourcePump> {
 public:
  enum class Next { piece, wait, end, failed };

  /// `length`: exact bytes to send; empty: until the source ends, framed as chunks when `chunked`.
  SourcePump(Loop& loop, std::uint64_t connection, std::shared_ptr<Job> job,
             std::shared_ptr<BodySource> source, std::optional<std::uint64_t> length, bool chunked);

  // [reactor thread]
  /// Exchanges a piece that was sent (or an empty one) for the next. wait: source_ready() will be posted.
  Next next(Piece& piece);
  /// The socket takes no more: smaller pieces will do.
  void slow_down();
  void abandon();

 private:
  void run();  // [I/O thread]
  void schedule_locked();
  Piece empty_piece_locked();
  bool fill(Piece& piece);
  void frame(Piece& piece, bool last);

  Loop& loop_;
  const std::uint64_t connection_;
  const std::shared_ptr<Job> job_;  // the exchange may keep alive what the source is made of
  const std::shared_ptr<BodySource> source_;
  const bool chunked_;
  std::optional<std::uint64_t> left_;  // touched by the one running task only

  std::mutex mutex_;
  std::deque<Piece> ready_;
  std::vector<Piece> spare_;
  std::size_t size_;
  bool running_ = false;
  bool wanted_ = false;  // the reactor waits for a piece
  bool ended_ = false;
  bool failed_ = false;
  bool abandoned_ = false;
};

}  // namespace postern::http
