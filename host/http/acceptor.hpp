// The listening sockets and the thread that accepts from them: a cap on connections, no spinning when
// descriptors run out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "host/http/server.hpp"
#include "host/http/shared.hpp"
#include "host/http/worker.hpp"

namespace postern::http {

/// One bound, listening, non-blocking socket. Closes it, and removes the file of a unix socket it made.
class Listener {
 public:
  /// One sentence with address and reason on failure.
  static Result<Listener> open(const Listen& where);
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  int descriptor() const { return descriptor_; }
  bool tls() const { return tls_; }
  std::uint16_t port() const;

 private:
  Listener(int descriptor, bool tls, std::string path)
      : descriptor_(descriptor), tls_(tls), path_(std::move(path)) {}

  int descriptor_;
  bool tls_;
  std::string path_;  // of the unix socket's file, else empty
};

class Acceptor {
 public:
  /// `hand_over` gets each accepted socket. [acceptor thread]
  Acceptor(Shared& shared, std::vector<Listener> listeners, std::size_t cap,
           std::function<void(Accepted)> hand_over);
  ~Acceptor();

  std::vector<std::uint16_t> ports() const { return ports_; }
  /// Accepts what waits in the backlog, closes the sockets, joins. May be called again. [one thread]
  void stop();

 private:
  void run();
  bool accept_from(const Listener& listener);
  void wait(int milliseconds);

  Shared& shared_;
  std::vector<Listener> listeners_;
  std::vector<std::uint16_t> ports_;
  const std::size_t cap_;
  const std::function<void(Accepted)> hand_over_;
  int stop_event_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace postern::http
