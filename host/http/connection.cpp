#include "host/http/connection.hpp"

#include <sys/socket.h>

#include <chrono>

namespace postern::http {
namespace {

constexpr std::size_t kTurn = 4 * 1024 * 1024;  // bytes one connection may move before others have their turn
constexpr unsigned kTurnRequests = 32;
constexpr std::size_t kReadAhead = 32 * 1024;  // bytes of following requests kept while one is answered
constexpr std::int64_t kLinger = 2000;         // ms for the peer to read the answer after we have closed
constexpr std::string_view kAllMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

GateLimits limits_of(const ServerOptions& options) {
  return {options.request_line_limit, options.head_limit, options.field_limit};
}

}  // namespace

Connection::Connection(Loop& loop, std::uint64_t id, int descriptor, std::unique_ptr<Channel> channel,
                       Origin origin)
    : loop_(loop),
      shared_(loop.shared()),
      id_(id),
      descriptor_(descriptor),
      channel_(std::move(channel)),
      origin_(std::move(origin)),
      deadline_(loop.now() + shared_.options.head_timeout.count()),
      scanner_(limits_of(shared_.options)) {}

Connection::~Connection() = default;

void Connection::event(bool hangup) {
  readable_ = writable_ = true;
  hangup_ = hangup_ || hangup;
  run();
}

void Connection::run() {
  turn_bytes_ = 0;
  turn_requests_ = 0;
  while (state_ != State::closed) {
    if (turn_bytes_ >= kTurn || turn_requests_ >= kTurnRequests) {
      loop_.again(id_);
      return;
    }
    if (!step()) return;
  }
}

/// One step of the machine. False: nothing more can be done before an event, a post or a time-out.
bool Connection::step() {
  switch (state_) {
    case State::handshake:
      return step_handshake();
    case State::head:
      return step_head();
    case State::body:
      return step_body();
    case State::admitting:
      return false;  // the socket is left alone, so that refused bodies stay unread
    case State::answering:
      return watch_for_end();
    case State::sending:
      return step_sending();
    case State::linger:
      return step_linger();
    case State::closed:
      break;
  }
  return false;
}

bool Connection::step_handshake() {
  switch (channel_->handshake()) {
    case Io::done:
      state_ = State::head;
      return true;
    case Io::again:
      return false;
    case Io::end:
    case Io::dead:
      break;
  }
  if (channel_->peer_speaks_plain()) {
    constexpr std::string_view kText =
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: "
        "41\r\n\r\n"
        "This port speaks https, the request http.";
    if (::send(descriptor_, kText.data(), kText.size(), MSG_NOSIGNAL) > 0) {
      begin_linger();
      return true;
    }
  }
  close();
  return false;
}

void Connection::heard(Io result, bool drained) {
  if (drained && !(hangup_ && result == Io::done)) readable_ = false;
  if (result == Io::end) end_ = true;
}

/// Appends what the socket holds to in_. False: nothing came, and what that means was dealt with unless end_
/// is set.
bool Connection::read_more() {
  if (!readable_ || end_) return false;
  std::size_t count = 0;
  bool drained = false;
  const auto room = loop_.scratch();
  const Io result = channel_->read(room, count, drained);
  heard(result, drained);
  if (result == Io::dead) close();
  if (result != Io::done) return false;
  turn_bytes_ += count;
  in_.append(room.data(), count);
  return true;
}

bool Connection::step_head() {
  const std::string_view bytes = std::string_view(in_).substr(in_position_);
  switch (scanner_.scan(bytes)) {
    case HeadScanner::State::complete:
      head_text_.assign(bytes.substr(scanner_.begin(), scanner_.end() - scanner_.begin()));
      in_position_ += scanner_.end();
      scanner_.reset();
      ++turn_requests_;
      take_head(head_text_);
      return true;
    case HeadScanner::State::refused:
      head_text_.clear();
      refuse(scanner_.refusal().status, scanner_.refusal().reason);
      return true;
    case HeadScanner::State::more:
      break;
  }
  const bool silent = bytes.empty();
  if (silent && shared_.draining) {
    end_after_answer();
    return true;
  }
  if (read_more()) {
    if (silent)
      deadline_ = loop_.now() + shared_.options.head_timeout.count();  // the first byte of a request
    return true;
  }
  if (end_ && state_ == State::head) close();
  return false;
}

/// While an answer is computed: keeps the next requests, and notices when nobody waits for the answer any
/// more.
bool Connection::watch_for_end() {
  if (hangup_ && end_) return false;
  if (in_.size() - in_position_ >= kReadAhead) return false;
  return read_more();
}

bool Connection::step_linger() {
  if (!readable_) return false;
  std::size_t count = 0;
  bool drained = false;
  const Io result = channel_->read(loop_.scratch(), count, drained);
  heard(result, drained);
  turn_bytes_ += count;
  if (result == Io::end || result == Io::dead) {
    close();
    return false;
  }
  return result == Io::done;
}

void Connection::take_head(std::string_view text) {
  auto result = parse_head(text);
  if (auto* refusal = std::get_if<Refusal>(&result)) {
    head_text_.clear();
    return refuse(refusal->status, refusal->reason);
  }
  auto& parsed = std::get<ParsedHead>(result);
  http10_ = parsed.http10;
  keep_ = parsed.keep_alive;
  expects_continue_ = parsed.expects_continue;
  head_request_ = parsed.head.method == "HEAD";
  body_done_ = !parsed.head.chunked && parsed.head.content_length.value_or(0) == 0;
  if (!loop_.agrees(parsed)) return refuse(400, "The request line was not understood.");
  parsed.head.address = origin_.address;
  parsed.head.secure = origin_.secure;
  if (!shared_.proxies.apply(parsed.head))
    return refuse(400, "The proxy sent an X-Forwarded-Host that is none.");
  if (parsed.head.port == 0) parsed.head.port = parsed.head.secure ? 443 : 80;
  shared_.requests_total.fetch_add(1, std::memory_order_relaxed);
  if (parsed.asterisk) {  // OPTIONS *: about the server, so no application is asked (RFC 9110 section 9.3.7)
    Response response;
    response.status = 204;
    response.fields.add("Allow", std::string(kAllMethods));
    return answer_now(std::move(response));
  }
  begin_exchange(std::move(parsed));
}

/// The current head once more, for an error page. Empty when it never passed the gate.
std::optional<RequestHead> Connection::head_again() const {
  if (head_text_.empty()) return std::nullopt;
  auto result = parse_head(head_text_);
  auto* parsed = std::get_if<ParsedHead>(&result);
  if (parsed == nullptr) return std::nullopt;
  parsed->head.address = origin_.address;
  parsed->head.secure = origin_.secure;
  if (!shared_.proxies.apply(parsed->head)) return std::nullopt;
  if (parsed->head.port == 0) parsed->head.port = parsed->head.secure ? 443 : 80;
  return std::move(parsed->head);
}

/// Answers with the application's page for an error. The connection closes, except after a 503 to a whole
/// request.
void Connection::refuse(int status, const std::string& reason) {
  retire_job();
  if (head_text_.empty()) {  // the head was not understood, so neither is what follows it
    body_done_ = false;
    head_request_ = false;
    http10_ = false;
  }
  Response response;
  try {
    const auto head = head_again();
    response = shared_.application.error(status, reason, head ? &*head : nullptr);
    response.status = status;
  } catch (const std::exception& e) {
    shared_.fault(std::string("error() of the application threw: ") + e.what());
    response = Response{};
    response.status = status;
  } catch (...) {
    shared_.fault("error() of the application threw an unknown exception");
    response = Response{};
    response.status = status;
  }
  if (status == 405 && !response.fields.has("Allow")) response.fields.add("Allow", std::string(kAllMethods));
  if (status == 503 && !response.fields.has("Retry-After")) response.fields.add("Retry-After", "1");
  response.close = response.close || status != 503;
  answer_now(std::move(response));
}

/// Closes after the last answer. Bytes left unread would make the kernel reset the connection, and the reset
/// may overtake the answer: then the rest is read away first.
void Connection::end_after_answer() {
  const bool unread = !body_done_ || in_position_ < in_.size() || readable_;
  begin_linger();
  if (!unread) close();
}

void Connection::begin_linger() {
  channel_->close_writing();
  in_.clear();
  in_position_ = 0;
  if (end_) return close();
  state_ = State::linger;
  readable_ = true;
  deadline_ = loop_.now() + kLinger;
}

/// Lets go of the exchange. One that was not answered may have much to undo, so its end is not left to this
/// thread.
void Connection::retire_job() {
  if (upload_) upload_->abandon();
  upload_.reset();
  piece_ = Piece{};
  body_.clear();
  if (!job_) return;
  job_->abandoned = true;
  shared_.io->push([job = std::move(job_)] {});
  job_.reset();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  if (out_) {
    notify_sent(false);
    if (out_->pump) out_->pump->abandon();
    out_.reset();
  }
  retire_job();
  loop_.ended(id_);
}

void Connection::cut() {
  if (state_ == State::closed) return;
  // Without this the kernel would go on sending what it holds, up to some MiB.
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void Connection::drain() {
  if (state_ == State::handshake) return close();
  if (state_ == State::head && in_.size() == in_position_) run();
}

void Connection::start_window(std::uint64_t moved) {
  window_start_ = loop_.now();
  window_mark_ = moved;
}

/// Whether fewer bytes moved since the window began than the minimum rate asks for. Begins the next window
/// when not.
bool Connection::window_too_slow(std::uint64_t moved) {
  const std::int64_t elapsed = loop_.now() - window_start_;
  if (elapsed < shared_.options.rate_window.count()) return false;
  const std::uint64_t wanted = shared_.options.minimum_rate * static_cast<std::uint64_t>(elapsed) / 1000;
  const bool slow = moved - window_mark_ < wanted;
  start_window(moved);
  return slow;
}

void Connection::tick() {
  switch (state_) {
    case State::head:
      if (loop_.now() < deadline_) return;
      if (in_.size() == in_position_) return close();
      head_text_.clear();
      refuse(408, "The head of the request did not arrive in time.");
      return run();
    case State::handshake:
    case State::linger:
      if (loop_.now() >= deadline_) close();
      return;
    case State::body:
      if (paused_) return start_window(received_);
      if (!window_too_slow(received_)) return;
      refuse(408, "The body of the request arrives too slowly.");
      return run();
    case State::sending:
      if (cancelled() || !check_sending_rate()) cut();
      return;
    case State::admitting:
    case State::answering:
    case State::closed:
      return;
  }
}

}  // namespace postern::http
