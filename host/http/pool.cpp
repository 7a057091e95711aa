#include "host/http/pool.hpp"

#include <pthread.h>

#include <exception>

namespace postern::http {

ThreadPool::ThreadPool(std::string name, unsigned threads, std::size_t bound,
                       std::function<void(const std::string&)> fault)
    : bound_(bound), fault_(std::move(fault)) {
  for (unsigned i = 0; i < (threads == 0 ? 1 : threads); ++i) {
    threads_.emplace_back([this] { run(); });
    pthread_setname_np(threads_.back().native_handle(),
                       (name.substr(0, 12) + "-" + std::to_string(i)).substr(0, 15).c_str());
  }
}

ThreadPool::~ThreadPool() { stop(); }

bool ThreadPool::enqueue(Task& task, bool bounded) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || (bounded && queue_.size() >= bound_ + idle_)) return false;
    queue_.push_back(std::move(task));
    wake = wants_wake();
  }
  if (wake) ready_.notify_one();
  return true;
}

/// Whether a sleeping thread should be woken now. One wakes at a time and wakes the next when there is more
/// to do: many short tasks then run on few threads, without a change of thread for each.
bool ThreadPool::wants_wake() {
  if (idle_ == 0 || waking_ || queue_.empty()) return false;
  waking_ = true;
  return true;
}

bool ThreadPool::try_push(Task task) { return enqueue(task, true); }

void ThreadPool::push(Task task) { enqueue(task, false); }

void ThreadPool::run() {
  for (;;) {
    Task task;
    bool wake = false;
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      while (!stopped_ && queue_.empty()) {
        ready_.wait(lock);
        waking_ = false;
      }
      --idle_;
      if (stopped_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
      wake = wants_wake();
    }
    if (wake) ready_.notify_one();
    try {
      task();
    } catch (const std::exception& e) {
      fault_(std::string("a task ended with an exception: ") + e.what());
    } catch (...) {
      fault_("a task ended with an unknown exception");
    }
  }
}

void ThreadPool::stop() {
  std::deque<Task> dropped;  // destroyed without the lock: a task's destructor may come back here
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(queue_);
  }
  ready_.notify_all();
  dropped.clear();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace postern::http
