// A fixed number of threads behind one queue. The server owns two: action threads, whose queue is bounded,
// and I/O threads, which do what may wait for a disk.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/http/task.hpp"

namespace postern::http {

class ThreadPool {
 public:
  /// Starts the threads. `name` is what `ps -L` shows, up to 12 bytes. `fault` hears of exceptions that left
  /// a task: bugs.
  ThreadPool(std::string name, unsigned threads, std::size_t bound,
             std::function<void(const std::string&)> fault);
  ~ThreadPool();

  /// False, and the task is destroyed, when `bound` tasks wait already or the pool has stopped. [any thread]
  bool try_push(Task task);
  /// For work that continues something accepted: never refused for the bound. Dropped once stopped. [any
  /// thread]
  void push(Task task);
  /// Drops what waits, lets what runs end, joins. [one thread, may be called again]
  void stop();

 private:
  void run();
  bool enqueue(Task& task, bool bounded);
  bool wants_wake();

  const std::size_t bound_;
  const std::function<void(const std::string&)> fault_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> queue_;
  std::size_t idle_ = 0;
  bool waking_ = false;  // a thread was notified and has not looked yet
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace postern::http
