// One reactor thread: Pistache's reactor and transport below, our connections above. The only header that
// shows Pistache.
//
// Pistache's own queues are not used: a push between its pop and its read of the event descriptor loses the
// wake-up. Posts go through one vector behind a mutex and one NotifyFd, written once for a whole batch and
// not at all while this thread is awake.
#pragma once

#include <pistache/http.h>
#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/http/connection.hpp"
#include "host/http/loop.hpp"

namespace postern::http {

/// A socket just accepted, on its way to a reactor thread. Owns the descriptor until adopt().
struct Accepted {
  int descriptor = -1;
  std::string address;
  sockaddr_storage peer{};
  bool tls = false;
};

class Worker final : public Pistache::Tcp::Transport, public Loop {
 public:
  explicit Worker(Shared& shared);
  ~Worker() override;

  // Pistache::Tcp::Transport [reactor thread]
  void onReady(const Pistache::Aio::FdSet& ready) override;
  void registerPoller(Pistache::Polling::Epoll& poller) override;
  std::shared_ptr<Pistache::Aio::Handler> clone() const override;

  // Loop
  void post(std::uint64_t connection, Action action) override;
  void again(std::uint64_t connection) override { again_.push_back(connection); }
  void watch_writing(int descriptor) override;
  void ended(std::uint64_t connection) override;
  std::int64_t now() const override { return now_; }
  std::string_view date() override;
  std::span<char> scratch() override { return scratch_; }
  bool agrees(const ParsedHead& head) override;
  Shared& shared() override { return shared_; }

  /// Makes a connection of the socket; closes it when that fails. [any thread]
  void adopt(Accepted accepted);
  /// Every connection ends as soon as its answer is sent. [any thread]
  void drain();
  /// Every connection ends now. [any thread]
  void cut();

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    std::shared_ptr<Pistache::Tcp::Peer> peer;
  };
  struct Post {
    std::uint64_t connection;
    Action action;
  };

  void begin(const Accepted& accepted);
  void abandon(const std::shared_ptr<Pistache::Tcp::Peer>& peer);
  void dispatch(const Pistache::Aio::FdSet::Entry& entry);
  void run_posts();
  void run_again();
  void tick();
  void set_timer(bool on);
  template <class Each>
  void for_each_connection(Each&& each);
  template <class Work>
  void guarded(Work&& work);

  Shared& shared_;
  Pistache::NotifyFd wake_;
  int timer_ = -1;
  bool timer_on_ = false;
  std::int64_t now_ = 0;
  std::time_t date_time_ = 0;
  std::string date_;
  Pistache::Http::RequestParser parser_;
  std::string canonical_;
  std::array<char, 64 * 1024> scratch_;

  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, Entry> connections_;
  std::vector<Connection*> by_descriptor_;
  std::vector<Entry> ended_;  // destroyed at the end of the turn: their functions may still be running
  std::vector<std::uint64_t> again_;
  std::vector<Post> running_posts_;

  std::mutex mutex_;
  std::vector<Post> posts_;
  bool awake_ = false;  // this thread will look at posts_ before it waits
};

}  // namespace postern::http
