#include "host/http/server.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <future>

#include "host/http/acceptor.hpp"
#include "host/http/shared.hpp"
#include "host/http/worker.hpp"

namespace postern::http {
namespace {

/// Signals belong to main's thread: the threads of the server begin with all of them blocked. Blocking
/// SIGPIPE also makes sendfile and OpenSSL safe, which have no MSG_NOSIGNAL.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// How many connections may be open: as configured, but never so many that no descriptor is left to work
/// with. The soft limit is raised for them as far as the hard one allows.
std::size_t connection_cap(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t needed = 2 * wanted + 256;  // a download holds a file beside its socket
  if (limit.rlim_cur < needed && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min(needed, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= needed) return wanted;
  return std::max<std::size_t>(1, limit.rlim_cur > 256 ? (limit.rlim_cur - 256) / 2 : limit.rlim_cur / 4);
}

class RunningServer final : public Server {
 public:
  RunningServer(ServerOptions options, Application& application) : shared_(std::move(options), application) {}
  ~RunningServer() override { RunningServer::drain(); }

  Shared& shared() { return shared_; }

  void start(std::vector<Listener> listeners) {
    const SignalsBlocked blocked;
    const auto& options = shared_.options;
    const auto fault = [this](const std::string& what) { shared_.fault(what); };
    shared_.actions =
        std::make_unique<ThreadPool>("postern-act", options.action_threads, options.queue, fault);
    shared_.io = std::make_unique<ThreadPool>("postern-io", options.io_threads, 0, fault);
    for (unsigned i = 0; i < std::max(1U, options.reactor_threads); ++i) add_reactor(i);
    acceptor_ = std::make_unique<Acceptor>(shared_, std::move(listeners), connection_cap(options.connections),
                                           [this](Accepted accepted) { hand_over(std::move(accepted)); });
  }

  std::vector<std::uint16_t> ports() const override { return acceptor_->ports(); }

  void drain() override {
    if (drained_ || !acceptor_) return;
    drained_ = true;
    shared_.draining = true;
    acceptor_->stop();
    for (auto& reactor : reactors_) reactor.worker->drain();
    if (!wait_for_end(shared_.options.drain_timeout)) {
      for (auto& reactor : reactors_) reactor.worker->cut();
      wait_for_end(std::chrono::seconds(5));
    }
    shared_.actions->stop();
    shared_.io->stop();
    for (auto& reactor : reactors_) finish(reactor);
  }

  Result<void> reload_certificates() override {
    if (!shared_.tls) return {};
    return shared_.tls->reload();
  }

  ServerStatistics statistics() const override {
    return {shared_.connections_open, shared_.connections_total, shared_.requests_total,
            shared_.refused_busy};
  }

 private:
  struct ReactorThread {
    std::shared_ptr<Pistache::Aio::Reactor> reactor;
    std::shared_ptr<Worker> worker;
    std::thread thread;
  };

  void add_reactor(unsigned number) {
    ReactorThread& added = reactors_.emplace_back();
    added.reactor = Pistache::Aio::Reactor::create();
    added.reactor->init();
    added.worker = std::make_shared<Worker>(shared_);
    added.reactor->addHandler(added.worker);
    added.thread = std::thread([this, reactor = added.reactor] {
      try {
        reactor->run();
      } catch (const std::exception& e) {
        shared_.fault(std::string("a reactor thread ended: ") + e.what());
      }
    });
    pthread_setname_np(added.thread.native_handle(),
                       ("postern-net-" + std::to_string(number)).substr(0, 15).c_str());
  }

  void hand_over(Accepted accepted) {
    reactors_[next_].worker->adopt(std::move(accepted));
    next_ = (next_ + 1) % reactors_.size();
  }

  bool wait_for_end(std::chrono::milliseconds most) {
    std::unique_lock lock(shared_.ended_mutex);
    return shared_.ended.wait_for(lock, most, [this] { return shared_.connections_open == 0; });
  }

  /// Lets the thread run what was posted to it (on_sent of lost answers among it), then ends it.
  void finish(ReactorThread& reactor) {
    std::promise<void> done;
    reactor.worker->post(0, [&done](Connection*) { done.set_value(); });
    done.get_future().wait();
    reactor.reactor->shutdown();
    reactor.thread.join();
  }

  Shared shared_;
  std::vector<ReactorThread> reactors_;
  std::size_t next_ = 0;  // [acceptor thread]
  std::unique_ptr<Acceptor> acceptor_;
  bool drained_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Application& application) {
  if (options.listen.empty()) return Error{Code::invalid, "The server has no address to listen on.", {}};
  auto server = std::make_unique<RunningServer>(std::move(options), application);
  Shared& shared = server->shared();
  POSTERN_TRY(shared.proxies, TrustedProxies::parse(shared.options.trusted_proxies));
  std::vector<Listener> listeners;
  for (const auto& where : shared.options.listen) {
    if (where.tls && !shared.tls) {
      POSTERN_TRY(shared.tls, TlsContexts::load(shared.options.certificates));
    }
    POSTERN_TRY(auto listener, Listener::open(where));
    listeners.push_back(std::move(listener));
  }
  server->start(std::move(listeners));
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace postern::http
