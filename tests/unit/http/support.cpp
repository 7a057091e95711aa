#include "support.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "host/http/characters.hpp"

namespace postern::http::testing {
namespace {

constexpr int kPatience = 10'000;  // ms

class ScriptedExchange final : public Exchange {
 public:
  ScriptedExchange(Script script, RequestHead head) : script_(std::move(script)), head_(std::move(head)) {}
  ~ScriptedExchange() override {
    if (script_.ended) script_.ended(answered_);
  }
  BodyMode body_mode() const override { return script_.mode; }
  std::uint64_t body_limit() const override { return script_.limit; }
  bool answers_at_once() const override { return script_.at_once; }
  std::optional<Response> admit() override { return script_.admit ? script_.admit() : std::nullopt; }
  bool take(std::span<const std::byte> piece) override {
    return script_.take && script_.take({reinterpret_cast<const char*>(piece.data()), piece.size()});
  }
  Response answer(std::string body) override {
    answered_ = true;
    if (script_.answer) return script_.answer(std::move(body));
    std::string echo = head_.method + " " + head_.path + "?" + head_.query + " " + head_.host + ":" +
                       std::to_string(head_.port);
    echo += head_.secure ? " secure " : " plain ";
    echo += head_.address + " [" + body + "]";
    return text(std::move(echo));
  }

 private:
  Script script_;
  RequestHead head_;
  bool answered_ = false;
};

const bool kPipesIgnored =
    std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;  // of this client; the server must not need it

}  // namespace

std::unique_ptr<Exchange> ScriptedApplication::begin(RequestHead head) {
  const auto found = routes_.find(head.path);
  Script script;
  script.mode = BodyMode::buffered;
  if (found != routes_.end()) script = found->second(head);
  return std::make_unique<ScriptedExchange>(std::move(script), std::move(head));
}

Response ScriptedApplication::error(int status, const std::string& reason, const RequestHead* head) {
  return text((head != nullptr ? head->path + ": " : "") + reason, status);
}

Response text(std::string body, int status) {
  Response response;
  response.status = status;
  response.fields.add("Content-Type", "text/plain");
  response.bytes = std::move(body);
  return response;
}

void Signal::set() {
  const std::lock_guard lock(mutex_);
  set_ = true;
  condition_.notify_all();
}

bool Signal::wait() {
  std::unique_lock lock(mutex_);
  return condition_.wait_for(lock, std::chrono::milliseconds(kPatience), [this] { return set_; });
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

std::string Reply::field(std::string_view name) const {
  std::string_view text(head);
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equal_without_case(line.substr(0, colon), name))
      return std::string(trimmed(line.substr(colon + 1)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  return {};
}

Client::Client(std::uint16_t port, int receive_buffer)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0)
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the server does not accept");
  const timeval patience{kPatience / 1000, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Client::~Client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Client::more() {
  if (end_) return false;
  pollfd wanted{descriptor_, POLLIN, 0};
  if (::poll(&wanted, 1, kPatience) != 1) return false;
  char buffer[65536];
  const ssize_t count = ::recv(descriptor_, buffer, sizeof buffer, 0);
  end_ = count <= 0;
  if (count > 0) in_.append(buffer, static_cast<std::size_t>(count));
  return !end_;
}

std::optional<std::string> Client::line() {
  std::size_t end = 0;
  while ((end = in_.find("\r\n")) == std::string::npos)
    if (!more()) return std::nullopt;
  std::string text = in_.substr(0, end);
  in_.erase(0, end + 2);
  return text;
}

bool Client::chunks(std::string& body) {
  for (;;) {
    const auto size_line = line();
    if (!size_line) return false;
    std::size_t size = 0;
    const auto [stop, failure] =
        std::from_chars(size_line->data(), size_line->data() + size_line->size(), size, 16);
    if (failure != std::errc{} || stop != size_line->data() + size_line->size()) return false;
    while (in_.size() < size + 2)
      if (!more()) return false;
    if (in_.compare(size, 2, "\r\n") != 0) return false;
    body.append(in_, 0, size);
    in_.erase(0, size + 2);
    if (size == 0) return true;
  }
}

std::optional<Reply> Client::reply(bool head) {
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos)
    if (!more()) return std::nullopt;
  Reply reply;
  reply.head = in_.substr(0, end + 2);
  in_.erase(0, end + 4);
  if (!reply.head.starts_with("HTTP/1.1 ") || reply.head.size() < 13) return std::nullopt;
  reply.status = std::stoi(reply.head.substr(9, 3));
  if (head || reply.status < 200 || reply.status == 204 || reply.status == 304) return reply;
  if (reply.field("Transfer-Encoding") == "chunked")
    return chunks(reply.body) ? std::optional(reply) : std::nullopt;
  const std::string length = reply.field("Content-Length");
  if (length.empty()) {
    reply.body = rest();
    return reply;
  }
  const std::size_t size = std::stoul(length);
  while (in_.size() < size)
    if (!more()) return std::nullopt;
  reply.body = in_.substr(0, size);
  in_.erase(0, size);
  return reply;
}

bool Client::closed() {
  while (in_.empty() && more()) {
  }
  return end_ && in_.empty();
}

std::string Client::rest() {
  while (more()) {
  }
  return std::exchange(in_, {});
}

std::size_t Client::read_some(std::size_t most) {
  std::size_t count = 0;
  while (count < most && (!in_.empty() || more())) {
    count += in_.size();
    in_.clear();
  }
  return count;
}

void Client::shut() { ::shutdown(descriptor_, SHUT_WR); }

void Client::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

ServerFixture::ServerFixture(ServerOptions options) {
  if (options.listen.empty()) options.listen.push_back({"127.0.0.1", 0});
  options.drain_timeout = std::min(options.drain_timeout, std::chrono::milliseconds(5000));
  auto started = Server::start(std::move(options), application);
  if (!started) throw std::runtime_error(started.error().message);
  server = *std::move(started);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator list("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace postern::http::testing
