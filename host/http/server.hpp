// The server: connections, limits, time-outs, threads, TLS. The only room that knows Pistache.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/http/application.hpp"
#include "postern/result.hpp"

namespace postern::http {

struct TlsCertificate {
  std::string certificate_file;  // PEM chain, leaf first
  std::string key_file;          // PEM
};

struct Listen {
  std::string address = "127.0.0.1";  // IPv4, IPv6 or unix:/path
  std::uint16_t port = 8080;          // 0: the kernel chooses; ask Server::ports()
  bool tls = false;
  int descriptor =
      -1;  // a listening socket that was inherited (systemd, reload); address and port are then ignored
};

struct ServerOptions {
  std::vector<Listen> listen;
  std::vector<TlsCertificate> certificates;  // chosen by SNI; the first is the default
  std::vector<std::string> trusted_proxies;  // addresses or CIDR whose X-Forwarded-* count
  unsigned reactor_threads = 2;
  unsigned action_threads = 8;
  unsigned io_threads = 2;
  std::size_t queue = 256;          // requests that may wait for an action thread; then 503
  std::size_t connections = 10000;  // at once; further ones wait in the backlog
  std::size_t request_line_limit = 8 * 1024;
  std::size_t head_limit = 16 * 1024;
  std::size_t field_limit = 100;
  std::chrono::milliseconds head_timeout{10'000};  // from the first byte (or accept) to the end of the head
  std::chrono::milliseconds idle_timeout{60'000};  // between requests of a connection
  std::uint64_t minimum_rate = 256;  // bytes a second, measured over rate_window, both directions
  std::chrono::milliseconds rate_window{30'000};
  std::chrono::milliseconds drain_timeout{30'000};  // after stop(): running requests may end
  /// Hears of faults nobody is told about: exceptions of the application, a broken accept. One sentence. [any
  /// thread]
  std::function<void(const std::string&)> on_fault;
};

/// Counters for /metrics-like pages and tests. [any thread]
struct ServerStatistics {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t refused_busy = 0;
};

class Server {
 public:
  /// Binds and listens, starts threads. On failure one sentence with address and reason. `application`
  /// outlives the server. [main thread]
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Application& application);

  /// As drain(), if that was not called before. [main thread]
  virtual ~Server() = default;

  /// The port of each entry of `listen`, in order; 0 for unix sockets.
  virtual std::vector<std::uint16_t> ports() const = 0;
  /// Stops accepting, lets running requests end within drain_timeout, then cuts the rest, joins all threads.
  virtual void drain() = 0;
  /// Reads the certificates again (SIGHUP); on failure the old ones stay. [any thread]
  virtual Result<void> reload_certificates() = 0;
  virtual ServerStatistics statistics() const = 0;
};

}  // namespace postern::http
