// A streamed request body between the reactor, which reads it, and an I/O thread, which hands it to the
// exchange piece by piece and in order. Reading stops while more than 1 MiB waits. Created and shared by one
// connection.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "host/http/job.hpp"
#include "host/http/loop.hpp"

namespace postern::http {

class Upload : public std::enable_shared_from_this<Upload> {
 public:
  Upload(Loop& loop, std::uint64_t connection, std::shared_ptr<Job> job);

  // [reactor thread]
  Piece empty_piece();
  void push(Piece piece);
  /// True: so much waits that reading must pause; resume_reading() of the connection will be posted.
  bool must_pause();
  /// The body is complete: when everything was taken, answer() is queued.
  void finish();
  /// The connection is lost: nothing more is taken.
  void abandon();

 private:
  void run();  // [I/O thread]
  bool take_all(std::vector<Piece>& pieces);
  void end(bool early);
  void schedule_locked();

  Loop& loop_;
  const std::uint64_t connection_;
  const std::shared_ptr<Job> job_;
  std::mutex mutex_;
  std::deque<Piece> waiting_;
  std::vector<Piece> spare_;
  std::size_t waiting_bytes_ = 0;
  bool paused_ = false;
  bool running_ = false;   // a task is queued or runs
  bool finished_ = false;  // the reactor saw the end of the body
  bool ended_ = false;     // answer() was queued, or nobody wants it
};

}  // namespace postern::http
