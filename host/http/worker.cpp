#include "host/http/worker.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <system_error>

namespace postern::http {
namespace {

using Pistache::Polling::Mode;
using Pistache::Polling::NotifyOn;

constexpr int kPostRounds = 8;  // batches of posts before the sockets have their turn again

/// Pistache's transport wants a handler for what it reads; ours reads for itself.
class NoHandler final : public Pistache::Tcp::Handler {
 public:
  void onInput(const char*, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
  std::shared_ptr<Pistache::Tcp::Handler> clone() const override { return std::make_shared<NoHandler>(); }
};

std::int64_t steady_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

/// How often time-outs are looked at: often enough for the shortest of them, at most four times a second.
std::chrono::milliseconds tick_interval(const ServerOptions& options) {
  const auto shortest = std::min({options.head_timeout, options.idle_timeout, options.rate_window});
  return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(250));
}

Pistache::Address pistache_address(const sockaddr_storage& peer) {
  if (peer.ss_family != AF_INET && peer.ss_family != AF_INET6) return {};
  sockaddr_storage copy = peer;
  return Pistache::Address::fromUnix(reinterpret_cast<sockaddr*>(&copy));
}

/// Whether the peer closed one or both directions: then a short read does not mean that the socket is empty,
/// since the end that follows brings no event of its own. Pistache's entry hides EPOLLRDHUP behind a private
/// base, which a cast in this notation may reach (C++20 [expr.cast] paragraph 4.6), and an EPOLLERR arrives
/// as an event without flags.
bool hangup_seen(const Pistache::Aio::FdSet::Entry& entry) {
  const auto flags = ((const Pistache::Polling::Event&)entry).flags;
  return flags.hasFlag(NotifyOn::Shutdown) || flags.hasFlag(NotifyOn::Hangup) ||
         !(flags.hasFlag(NotifyOn::Read) || flags.hasFlag(NotifyOn::Write));
}

}  // namespace

Worker::Worker(Shared& shared)
    : Transport(std::make_shared<NoHandler>()),
      shared_(shared),
      now_(steady_now()),
      parser_(shared.options.request_line_limit + 64) {
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
}

Worker::~Worker() {
  if (timer_ >= 0) ::close(timer_);
  if (wake_.isBound()) ::close(static_cast<int>(wake_.tag().value()));  // a NotifyFd does not close itself
}

std::shared_ptr<Pistache::Aio::Handler> Worker::clone() const { return std::make_shared<Worker>(shared_); }

void Worker::registerPoller(Pistache::Polling::Epoll& poller) {
  Transport::registerPoller(poller);
  wake_.bind(poller);
  poller.addFd(timer_, Pistache::Flags<NotifyOn>(NotifyOn::Read),
               Pistache::Polling::Tag(static_cast<std::uint64_t>(timer_)), Mode::Level);
}

/// Nothing may leave a reactor thread as an exception: that would end the process.
template <class Work>
void Worker::guarded(Work&& work) {
  try {
    work();
  } catch (const std::exception& e) {
    shared_.fault(std::string("a reactor thread caught: ") + e.what());
  } catch (...) {
    shared_.fault("a reactor thread caught an unknown exception");
  }
}

void Worker::onReady(const Pistache::Aio::FdSet& ready) {
  now_ = steady_now();
  {
    const std::lock_guard lock(mutex_);
    awake_ = true;
  }
  guarded([&] { run_again(); });
  for (std::size_t i = 0; i < ready.size(); ++i) guarded([&] { dispatch(ready.at(i)); });
  run_posts();
  ended_.clear();
  if (!again_.empty()) wake_.notify();
}

void Worker::dispatch(const Pistache::Aio::FdSet::Entry& entry) {
  const auto tag = entry.getTag();
  const auto descriptor = static_cast<std::size_t>(tag.value());
  if (descriptor < by_descriptor_.size() && by_descriptor_[descriptor] != nullptr) {
    return by_descriptor_[descriptor]->event(hangup_seen(entry));
  }
  if (tag == wake_.tag()) {
    wake_.tryRead();
  } else if (descriptor == static_cast<std::size_t>(timer_)) {
    tick();
  }
}

void Worker::run_posts() {
  for (int round = 0; round < kPostRounds; ++round) {
    {
      const std::lock_guard lock(mutex_);
      if (posts_.empty()) {
        awake_ = false;
        return;
      }
      running_posts_.swap(posts_);
    }
    for (auto& post : running_posts_) {
      guarded([&] {
        const auto found = connections_.find(post.connection);
        post.action(found == connections_.end() ? nullptr : found->second.connection.get());
      });
    }
    running_posts_.clear();
  }
  const std::lock_guard lock(mutex_);
  awake_ = false;
  if (!posts_.empty()) wake_.notify();
}

void Worker::run_again() {
  std::vector<std::uint64_t> turn;
  turn.swap(again_);
  for (const std::uint64_t id : turn) {
    const auto found = connections_.find(id);
    if (found != connections_.end()) guarded([&] { found->second.connection->run(); });
  }
}

void Worker::post(std::uint64_t connection, Action action) {
  const std::lock_guard lock(mutex_);
  const bool wake = posts_.empty() && !awake_;
  posts_.push_back({connection, std::move(action)});
  if (wake) wake_.notify();
}

void Worker::watch_writing(int descriptor) {
  reactor()->modifyFd(key(), descriptor, NotifyOn::Read | NotifyOn::Write | NotifyOn::Shutdown, Mode::Edge);
}

void Worker::ended(std::uint64_t connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  by_descriptor_[static_cast<std::size_t>(found->second.connection->descriptor())] = nullptr;
  const auto peer = found->second.peer;
  ended_.push_back(std::move(found->second));
  connections_.erase(found);
  guarded([&] { removePeer(peer); });
  shared_.connection_ended();
}

std::string_view Worker::date() {
  const std::time_t time = std::time(nullptr);
  if (time != date_time_) {
    date_time_ = time;
    date_ = http_date(time);
  }
  return date_;
}

bool Worker::agrees(const ParsedHead& head) {
  canonical_.clear();
  canonical_.append(head.head.method).append(" ").append(head.target_path);
  canonical_.append(head.http10 ? " HTTP/1.0\r\n\r\n" : " HTTP/1.1\r\n\r\n");
  bool same = false;
  try {
    parser_.reset();
    same = parser_.feed(canonical_.data(), canonical_.size()) &&
           parser_.parse() == Pistache::Http::Private::State::Done &&
           parser_.request.resource() == head.target_path &&
           head.head.method == Pistache::Http::methodString(parser_.request.method());
  } catch (const std::exception&) {
    same = false;
  }
  return same;
}

void Worker::adopt(Accepted accepted) {
  post(0, [this, accepted = std::move(accepted)](Connection*) { begin(accepted); });
}

void Worker::begin(const Accepted& accepted) {
  const int descriptor = accepted.descriptor;
  const auto index = static_cast<std::size_t>(descriptor);
  auto channel = accepted.tls ? shared_.tls->channel(descriptor) : plain_channel(descriptor);
  if (!channel) {
    ::close(descriptor);
    return shared_.connection_ended();
  }
  if (by_descriptor_.size() <= index) by_descriptor_.resize(index + 64, nullptr);
  const std::uint64_t id = next_id_++;
  Entry entry;
  entry.peer = Pistache::Tcp::Peer::Create(descriptor, pistache_address(accepted.peer));
  entry.connection = std::make_unique<Connection>(*this, id, descriptor, std::move(channel),
                                                  Connection::Origin{accepted.address, accepted.tls});
  try {
    handleNewPeer(entry.peer);  // on its own thread: registers the descriptor, edge-triggered
  } catch (...) {
    abandon(entry.peer);
    throw;
  }
  by_descriptor_[index] = entry.connection.get();
  connections_.emplace(id, std::move(entry));
  set_timer(true);
}

/// A descriptor that epoll would not take, so that taking it out throws before Pistache closes it.
void Worker::abandon(const std::shared_ptr<Pistache::Tcp::Peer>& peer) {
  try {
    removePeer(peer);
  } catch (const std::exception&) {
    ::close(peer->fd());
  }
  shared_.connection_ended();
}

template <class Each>
void Worker::for_each_connection(Each&& each) {
  std::vector<std::uint64_t> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, entry] : connections_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto found = connections_.find(id);
    if (found != connections_.end()) guarded([&] { each(*found->second.connection); });
  }
}

void Worker::drain() {
  post(0, [this](Connection*) { for_each_connection([](Connection& connection) { connection.drain(); }); });
}

void Worker::cut() {
  post(0, [this](Connection*) { for_each_connection([](Connection& connection) { connection.cut(); }); });
}

void Worker::set_timer(bool on) {
  if (on == timer_on_) return;
  timer_on_ = on;
  const auto interval = on ? tick_interval(shared_.options) : std::chrono::milliseconds(0);
  const timespec every{interval.count() / 1000, (interval.count() % 1000) * 1'000'000};
  const itimerspec spec{every, every};
  ::timerfd_settime(timer_, 0, &spec, nullptr);
}

void Worker::tick() {
  std::uint64_t expirations = 0;
  if (::read(timer_, &expirations, sizeof expirations) != sizeof expirations) return;
  for_each_connection([](Connection& connection) { connection.tick(); });
  if (connections_.empty()) set_timer(false);
}

}  // namespace postern::http
