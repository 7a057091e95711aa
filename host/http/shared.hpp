// What every part of one running server shares: its options, the application, the thread pools, counters.
// Built by Server::start(), outlives every reactor thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "host/http/application.hpp"
#include "host/http/pool.hpp"
#include "host/http/proxy.hpp"
#include "host/http/server.hpp"
#include "host/http/tls.hpp"

namespace postern::http {

struct Shared {
  Shared(ServerOptions server_options, Application& app)
      : options(std::move(server_options)), application(app) {}

  ServerOptions options;
  Application& application;
  TrustedProxies proxies;
  std::unique_ptr<TlsContexts> tls;  // null without a TLS address
  std::unique_ptr<ThreadPool> actions;
  std::unique_ptr<ThreadPool> io;
  std::atomic<bool> draining{false};

  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> refused_busy{0};

  std::mutex ended_mutex;
  std::condition_variable ended;  // notified while draining whenever a connection has ended

  void connection_ended() {
    connections_open.fetch_sub(1);
    if (!draining) return;
    const std::lock_guard lock(ended_mutex);
    ended.notify_all();
  }

  void fault(const std::string& what) const {
    if (options.on_fault) options.on_fault(what);
  }
};

}  // namespace postern::http
