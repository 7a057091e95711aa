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
    wake = idle_ > 0;
  }
  if (wake) ready_.notify_one();
  return true;
}

bool ThreadPool::try_push(Task task) { return enqueue(task, true); }

void ThreadPool::push(Task task) { enqueue(task, false); }

void ThreadPool::run() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      ready_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      --idle_;
      if (stopped_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
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
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace postern::http
