// Connection, second part: from the parsed head to the exchange that has its whole body.
#include <algorithm>
#include <exception>

#include "host/http/connection.hpp"

namespace postern::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void Connection::begin_exchange(ParsedHead parsed) {
  chunked_ = parsed.head.chunked;
  body_left_ = parsed.head.content_length.value_or(0);
  std::unique_ptr<Exchange> exchange;
  try {
    exchange = shared_.application.begin(std::move(parsed.head));
  } catch (const std::exception& e) {
    shared_.fault(std::string("begin() of the application threw: ") + e.what());
  } catch (...) {
    shared_.fault("begin() of the application threw an unknown exception");
  }
  if (!exchange) {
    keep_ = false;
    return refuse(500, "The server failed on this request.");
  }
  const BodyMode mode = exchange->body_mode();
  body_limit_ = exchange->body_limit();
  received_ = 0;
  job_ = std::make_shared<Job>(std::move(exchange));
  if (!body_done_ && (mode == BodyMode::none || body_left_ > body_limit_))
    return refuse(413, mode == BodyMode::none ? "This address takes no body."
                                              : "The body is larger than this address takes.");
  if (mode == BodyMode::streamed) return begin_admission();
  if (body_done_) return dispatch_answer();
  begin_body();
}

void Connection::begin_admission() {
  const bool whole = body_done_;
  const bool queued = shared_.actions->try_push([&loop = loop_, id = id_, job = job_, whole] {
    if (job->abandoned) return;
    std::optional<Response> refusal;
    bool failed = false;
    try {
      refusal = job->exchange->admit();
    } catch (const std::exception& e) {
      loop.shared().fault(std::string("admit() threw: ") + e.what());
      failed = true;
    } catch (...) {
      loop.shared().fault("admit() threw an unknown exception");
      failed = true;
    }
    if (whole && !refusal && !failed) return answer_task(loop, id, job, {})();
    loop.post(id, [job, failed, refusal = std::move(refusal)](Connection* connection) mutable {
      if (connection == nullptr) {
        if (refusal && refusal->on_sent) refusal->on_sent(0, false);
        return;
      }
      if (failed)
        connection->failed(job);
      else
        connection->admitted(job, std::move(refusal));
      connection->run();
    });
  });
  if (queued) {
    state_ = State::admitting;
    return;
  }
  shared_.refused_busy.fetch_add(1, std::memory_order_relaxed);
  refuse(503, "The server is busy. Try again in a moment.");
}

void Connection::admitted(const std::shared_ptr<Job>& job, std::optional<Response> refusal) {
  if (job != job_ || state_ != State::admitting) {
    if (refusal && refusal->on_sent) refusal->on_sent(0, false);
    return;
  }
  if (refusal) return answer_now(*std::move(refusal));
  upload_ = std::make_shared<Upload>(loop_, id_, job_);
  begin_body();
}

void Connection::begin_body() {
  state_ = State::body;
  paused_ = false;
  if (chunked_) decoder_ = ChunkedDecoder{};
  start_window(0);
  continue_if_asked();
}

/// RFC 9110 section 10.1.1. Nothing else is on its way to this client, so its socket has room for 25 bytes.
void Connection::continue_if_asked() {
  if (!expects_continue_ || in_.size() > in_position_) return;
  std::size_t count = 0;
  if (channel_->write(kContinue, {}, false, count) != Io::done || count != kContinue.size()) close();
}

bool Connection::step_body() {
  if (upload_ && upload_->must_pause()) {
    paused_ = true;
    return false;
  }
  paused_ = false;
  if (in_position_ < in_.size()) return feed_body();
  if (end_) {
    close();
    return false;
  }
  return read_body();
}

/// Takes body bytes out of in_; what is behind the body stays for the next request.
bool Connection::feed_body() {
  const std::string_view bytes = std::string_view(in_).substr(in_position_);
  if (!chunked_) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
    in_position_ += count;
    body_left_ -= count;
    if (body_bytes(bytes.substr(0, count)) && body_left_ == 0) end_body();
    return true;
  }
  std::size_t used = 0;
  std::string_view data;
  const auto status = decoder_.next(bytes, used, data);
  in_position_ += used;
  if (status == ChunkedDecoder::Status::bad) {
    head_text_.clear();
    refuse(400, "The body is not well-formed chunks.");
    return true;
  }
  if (status == ChunkedDecoder::Status::data) {
    body_bytes(data);
  } else if (status == ChunkedDecoder::Status::done) {
    end_body();
  }
  if (in_position_ == in_.size()) {
    in_.clear();
    in_position_ = 0;
  }
  return true;
}

bool Connection::read_body() {
  if (!readable_) {
    flush_piece();
    return false;
  }
  if (chunked_) {
    read_more();
    return state_ == State::body;  // with nothing read: once more, to flush what there is
  }
  if (upload_ && !piece_.data) piece_ = upload_->empty_piece();
  std::span<char> room = loop_.scratch();
  if (upload_) room = std::span(piece_.data.get() + piece_.end, piece_.capacity - piece_.end);
  room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), body_left_)));
  std::size_t count = 0;
  bool drained = false;
  const Io result = channel_->read(room, count, drained);
  heard(result, drained);
  if (result == Io::dead) {
    close();
    return false;
  }
  if (result != Io::done) return true;  // step_body() decides: end, or flush and wait
  turn_bytes_ += count;
  body_left_ -= count;
  if (upload_) {
    received_ += count;
    piece_.end += count;
    if (piece_.end == piece_.capacity) flush_piece();
  } else {
    body_bytes({room.data(), count});
  }
  if (body_left_ == 0) end_body();
  return true;
}

/// Adds bytes to the body wherever it goes. False: that was too much, and the request was refused.
bool Connection::body_bytes(std::string_view bytes) {
  received_ += bytes.size();
  if (received_ > body_limit_) {
    refuse(413, "The body is larger than this address takes.");
    return false;
  }
  if (!upload_) {
    body_.append(bytes);
    return true;
  }
  while (!bytes.empty()) {
    if (!piece_.data) piece_ = upload_->empty_piece();
    const std::size_t count = std::min(bytes.size(), piece_.capacity - piece_.end);
    std::copy_n(bytes.data(), count, piece_.data.get() + piece_.end);
    piece_.end += count;
    bytes.remove_prefix(count);
    if (piece_.end == piece_.capacity) flush_piece();
  }
  return true;
}

void Connection::flush_piece() {
  if (!upload_ || piece_.end == piece_.begin) return;
  upload_->push(std::move(piece_));
  piece_ = Piece{};
}

void Connection::end_body() {
  body_done_ = true;
  if (!upload_) return dispatch_answer();
  flush_piece();
  state_ = State::answering;
  upload_->finish();
}

void Connection::resume_reading(const std::shared_ptr<Job>& job) {
  if (job != job_ || state_ != State::body) return;
  start_window(received_);
  run();
}

/// The exchange wants no more of its body: whatever still comes is not read, and the connection closes after
/// the answer.
void Connection::stop_reading(const std::shared_ptr<Job>& job) {
  if (job != job_ || state_ != State::body) return;
  state_ = State::answering;
  keep_ = false;
}

Task Connection::answer_task(Loop& loop, std::uint64_t id, std::shared_ptr<Job> job, std::string body) {
  return [&loop, id, job = std::move(job), body = std::move(body)]() mutable {
    if (job->abandoned) return;
    Response response;
    bool failed = false;
    try {
      response = job->exchange->answer(std::move(body));
    } catch (const std::exception& e) {
      loop.shared().fault(std::string("answer() threw: ") + e.what());
      failed = true;
    } catch (...) {
      loop.shared().fault("answer() threw an unknown exception");
      failed = true;
    }
    // `job` is captured first, so it is destroyed last: it may own the code that the response is made of.
    loop.post(id,
              [job = std::move(job), failed, response = std::move(response)](Connection* connection) mutable {
                if (connection == nullptr) {
                  if (response.on_sent) response.on_sent(0, false);
                  return;
                }
                if (failed)
                  connection->failed(job);
                else
                  connection->answer(job, std::move(response));
                connection->run();
              });
  };
}

void Connection::queue_answer(Loop& loop, std::uint64_t connection, std::shared_ptr<Job> job) {
  loop.shared().actions->push(answer_task(loop, connection, std::move(job), {}));
}

/// The whole request is here: has answer() called, on this thread where the exchange says so.
void Connection::dispatch_answer() {
  if (body_.empty() && job_->exchange->answers_at_once()) {
    state_ = State::answering;
    const auto job = job_;
    try {
      answer(job, job->exchange->answer({}));
    } catch (const std::exception& e) {
      shared_.fault(std::string("answer() threw: ") + e.what());
      failed(job);
    } catch (...) {
      shared_.fault("answer() threw an unknown exception");
      failed(job);
    }
    return;
  }
  std::string body = std::move(body_);
  body_ = {};
  if (shared_.actions->try_push(answer_task(loop_, id_, job_, std::move(body)))) {
    state_ = State::answering;
    return;
  }
  shared_.refused_busy.fetch_add(1, std::memory_order_relaxed);
  refuse(503, "The server is busy. Try again in a moment.");
}

}  // namespace postern::http
