// Who may use the database now: a fair queue, and the bounded pool of sessions behind it. Owned by the firm's
// database.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/database/session.hpp"

namespace postern::db {

using Deadline = std::chrono::steady_clock::time_point;

/// Lets `places` callers in at a time, in the order they came. [any thread]
class Queue {
 public:
  explicit Queue(unsigned places) : free_(places) {}
  /// False when no place became free in time.
  bool enter(Deadline deadline);
  void leave();
  /// How many wait now.
  std::size_t waiting();

 private:
  struct Waiting {
    std::condition_variable called;
    bool in = false;
  };
  std::mutex mutex_;
  unsigned free_;
  std::list<Waiting*> waiting_;
};

/// A place in a queue, given back when it goes out of scope; empty when made without a queue.
class Place {
 public:
  Place() = default;
  /// Throws Failure(unavailable) with `refusal` when the queue does not move in time.
  Place(Queue& queue, Deadline deadline, const std::string& refusal);
  Place(Place&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
  Place& operator=(Place&& other) noexcept;
  ~Place() { leave(); }
  void leave();

 private:
  Queue* queue_ = nullptr;
};

class Pool {
 public:
  Pool(Connect connect, unsigned sessions)
      : connect_(std::move(connect)), sessions_(sessions), queue_(sessions) {}

  /// A session for one transaction, back in the pool when it goes out of scope, unless it is broken: then it
  /// is closed and the next caller connects anew. The pool outlives it.
  class Lease {
   public:
    Lease(Pool& pool, Place place, std::unique_ptr<Session> session)
        : pool_(pool), place_(std::move(place)), session_(std::move(session)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    Session& operator*() { return *session_; }
    Session* operator->() { return session_.get(); }

   private:
    Pool& pool_;
    Place place_;
    std::unique_ptr<Session> session_;
  };

  /// Waits for a session until `deadline`, then throws Failure(unavailable); also when connecting fails. [may
  /// block]
  Lease take(Deadline deadline);

 private:
  std::unique_ptr<Session> idle_session();

  Connect connect_;
  unsigned sessions_;
  Queue queue_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>>
      idle_;  // the last one used is the next one taken: its caches are warm
};

}  // namespace postern::db
