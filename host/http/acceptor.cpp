#include "host/http/acceptor.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace postern::http {
namespace {

constexpr int kBacklog = 1024;
constexpr int kBatch = 64;  // sockets accepted from one listener before the next has its turn
constexpr int kPause = 50;  // ms of rest when descriptors or places have run out
constexpr std::string_view kUnix = "unix:";

std::string reason() { return std::generic_category().message(errno); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

bool fill_address(const Listen& where, SocketAddress& out) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  if (inet_pton(AF_INET, where.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(where.port);
    out.length = sizeof *v4;
    return true;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (inet_pton(AF_INET6, where.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(where.port);
    out.length = sizeof *v6;
    return true;
  }
  if (!where.address.starts_with(kUnix)) return false;
  auto* local = reinterpret_cast<sockaddr_un*>(&out.storage);
  const std::string_view path = std::string_view(where.address).substr(kUnix.size());
  if (path.empty() || path.size() >= sizeof local->sun_path) return false;
  local->sun_family = AF_UNIX;
  std::memcpy(local->sun_path, path.data(), path.size());
  out.length = sizeof *local;
  return true;
}

std::string text_of(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr, text.data(), text.size());
  } else if (peer.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address))
      inet_ntop(AF_INET, address.s6_addr + 12, text.data(), text.size());
    else
      inet_ntop(AF_INET6, &address, text.data(), text.size());
  } else {
    return "unix";
  }
  return text.data();
}

/// A file left behind by a server that was killed: nobody answers there.
void remove_stale_file(const SocketAddress& address, const std::string& path) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address.storage), address.length);
  if (result != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
  ::close(probe);
}

}  // namespace

Result<Listener> Listener::open(const Listen& where) {
  if (where.descriptor >= 0) {
    ::fcntl(where.descriptor, F_SETFL, ::fcntl(where.descriptor, F_GETFL) | O_NONBLOCK);
    return Listener(where.descriptor, where.tls, {});
  }
  const bool local = where.address.starts_with(kUnix);
  const std::string name = local ? where.address : where.address + " port " + std::to_string(where.port);
  SocketAddress address;
  if (!fill_address(where, address))
    return Error{
        Code::invalid,
        "Cannot listen on \"" + where.address + "\": it is no IPv4 or IPv6 address and no unix:/path.",
        {}};
  const std::string path = local ? where.address.substr(kUnix.size()) : std::string();
  if (local) remove_stale_file(address, path);
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Error{Code::unavailable, "Cannot listen on " + name + ": " + reason() + ".", {}};
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6)
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 ||
      ::listen(descriptor, kBacklog) != 0) {
    Error error{Code::unavailable, "Cannot listen on " + name + ": " + reason() + ".", {}};
    ::close(descriptor);
    return error;
  }
  return Listener(descriptor, where.tls, path);
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      tls_(other.tls_),
      path_(std::exchange(other.path_, {})) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(tls_, other.tls_);
  std::swap(path_, other.path_);
  return *this;
}

Listener::~Listener() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

std::uint16_t Listener::port() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return 0;
}

Acceptor::Acceptor(Shared& shared, std::vector<Listener> listeners, std::size_t cap,
                   std::function<void(Accepted)> hand_over)
    : shared_(shared), listeners_(std::move(listeners)), cap_(cap), hand_over_(std::move(hand_over)) {
  for (const auto& listener : listeners_) ports_.push_back(listener.port());
  stop_event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "postern-accept");
}

Acceptor::~Acceptor() {
  stop();
  ::close(stop_event_);
}

void Acceptor::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const std::uint64_t one = 1;
  if (::write(stop_event_, &one, sizeof one) != sizeof one) shared_.fault("the acceptor could not be woken");
  thread_.join();
  listeners_.clear();
}

void Acceptor::wait(int milliseconds) {
  pollfd stop{stop_event_, POLLIN, 0};
  ::poll(&stop, 1, milliseconds);
}

void Acceptor::run() {
  std::vector<pollfd> watched;
  for (const auto& listener : listeners_) watched.push_back({listener.descriptor(), POLLIN, 0});
  watched.push_back({stop_event_, POLLIN, 0});
  while (!stopping_) {
    if (shared_.connections_open >= cap_) {
      wait(kPause);
      continue;
    }
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < listeners_.size(); ++i)
      if (watched[i].revents != 0 && !accept_from(listeners_[i])) wait(kPause);
  }
  for (const auto& listener : listeners_)
    accept_from(listener);  // whoever was let in by the kernel is served
}

/// False: nothing can be accepted now though somebody waits, so the caller rests.
bool Acceptor::accept_from(const Listener& listener) {
  for (int i = 0; i < kBatch && shared_.connections_open < cap_; ++i) {
    Accepted accepted;
    socklen_t length = sizeof accepted.peer;
    accepted.descriptor = ::accept4(listener.descriptor(), reinterpret_cast<sockaddr*>(&accepted.peer),
                                    &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted.descriptor < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) return false;
      continue;  // the client left while it waited, or another error of one connection
    }
    const int on = 1;
    if (accepted.peer.ss_family != AF_UNIX)
      ::setsockopt(accepted.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    accepted.address = text_of(accepted.peer);
    accepted.tls = listener.tls();
    shared_.connections_open.fetch_add(1);
    shared_.connections_total.fetch_add(1);
    hand_over_(std::move(accepted));
  }
  return true;
}

}  // namespace postern::http
