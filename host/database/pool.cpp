#include "host/database/pool.hpp"

#include <algorithm>

namespace postern::db {

bool Queue::enter(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (free_ > 0 && waiting_.empty()) {
    --free_;
    return true;
  }
  Waiting me;
  const auto place = waiting_.insert(waiting_.end(), &me);
  me.called.wait_until(lock, deadline, [&me] { return me.in; });
  if (!me.in) waiting_.erase(place);  // leave() takes those it calls out of the list
  return me.in;
}

void Queue::leave() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    ++free_;
    return;
  }
  // The place is handed over rather than freed, so that nobody can slip in between.
  Waiting* next = waiting_.front();
  waiting_.pop_front();
  next->in = true;
  next->called.notify_one();  // under the lock: `next` is gone as soon as its thread sees `in`
}

std::size_t Queue::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

Place::Place(Queue& queue, Deadline deadline, const std::string& refusal) {
  if (!queue.enter(deadline)) throw Failure(Code::unavailable, refusal, false);
  queue_ = &queue;
}

Place& Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    leave();
    queue_ = std::exchange(other.queue_, nullptr);
  }
  return *this;
}

void Place::leave() {
  if (queue_ != nullptr) std::exchange(queue_, nullptr)->leave();
}

Pool::Lease Pool::take(Deadline deadline) {
  static constexpr const char* kAll = " sessions of the database stayed busy; try again";
  Place place(queue_, deadline, "all " + std::to_string(sessions_) + kAll);
  auto session = idle_session();
  if (!session) session = connect_();
  return Lease(*this, std::move(place), std::move(session));
}

std::unique_ptr<Session> Pool::idle_session() {
  for (;;) {
    std::unique_ptr<Session> session;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty()) return nullptr;
      session = std::move(idle_.back());
      idle_.pop_back();
    }
    if (session->usable()) return session;  // else it is closed here, outside the lock
  }
}

Pool::Lease::~Lease() {
  if (session_->usable()) {
    const std::lock_guard lock(pool_.mutex_);
    pool_.idle_.push_back(std::move(session_));
  } else {
    session_.reset();
  }
}

}  // namespace postern::db
