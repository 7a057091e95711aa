// Connection, third part: the answer, from its head to the last byte or to the cut.
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "host/http/connection.hpp"

namespace postern::http {
namespace {

constexpr std::size_t kJoined = 8 * 1024;       // bodies up to this are copied behind the head: one send
constexpr std::size_t kFileStep = 1024 * 1024;  // bytes of one sendfile: the longest time one call may take
constexpr std::size_t kKept = 4 * 1024;         // bytes of buffer an idle connection keeps

/// A file as a source, for channels that cannot send files themselves (TLS without the kernel's help).
class FileSource final : public BodySource {
 public:
  explicit FileSource(FileRegion file)
      : file_(std::move(file)), offset_(file_.offset()), left_(file_.length()) {}

  ssize_t read(std::span<std::byte> room) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left_));
    const ssize_t count = ::pread(file_.descriptor(), room.data(), wanted, static_cast<off_t>(offset_));
    if (count > 0) {
      offset_ += static_cast<std::uint64_t>(count);
      left_ -= static_cast<std::uint64_t>(count);
    }
    return count;
  }

 private:
  FileRegion file_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

bool allows_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

void Connection::answer(const std::shared_ptr<Job>& job, Response response) {
  if (job == job_ && state_ == State::answering) return answer_now(std::move(response));
  if (job == job_ && state_ == State::admitting)
    return answer_now(std::move(response));  // admit() and answer() in one go
  if (response.on_sent) response.on_sent(0, false);
}

void Connection::failed(const std::shared_ptr<Job>& job) {
  if (job != job_) return;
  keep_ = false;
  refuse(500, "The server failed on this request.");
}

void Connection::source_ready(const std::shared_ptr<Job>& job) {
  if (!out_ || job != job_) return;
  out_->waits_for_source = false;
  start_window(out_->handed);
  run();
}

void Connection::answer_now(Response response) {
  begin_answer(std::move(response));
  state_ = State::sending;
  start_window(0);
}

void Connection::begin_answer(Response response) {
  Outgoing& out = out_.emplace();
  out.response = std::move(response);
  Response& r = out.response;
  std::optional<std::uint64_t> length = r.bytes.size();
  if (r.file) length = r.file->length();
  if (r.source) length = r.source_length;
  Framing framing = length ? Framing::length : http10_ ? Framing::closing : Framing::chunked;
  if (allows_no_body(r.status)) framing = Framing::none;
  out.close = !keep_ || r.close || !body_done_ || end_ || shared_.draining || framing == Framing::closing;
  const After after = out.close ? After::close : http10_ ? After::keep_said : After::keep;
  const bool silent = head_request_ || framing == Framing::none;
  const bool joined = !silent && !r.file && !r.source && r.bytes.size() <= kJoined;
  out.head.reserve(512 + (joined ? r.bytes.size() : 0));
  write_head(out.head, r, framing, length.value_or(0), after, loop_.date());
  out.body_begin = out.head.size();
  if (silent) {
    r.file.reset();
    r.source.reset();
    return;
  }
  if (r.file && r.file->length() > 0) {
    if (channel_->sends_files()) {
      out.file_left = r.file->length();
      out.file_offset = r.file->offset();
      return;
    }
    r.source = std::make_shared<FileSource>(*std::move(r.file));
  }
  if (r.source && length != std::uint64_t{0}) {
    if (!job_)
      job_ = std::make_shared<Job>(nullptr);  // an error page with a source: the pump's posts need an address
    out.pump = std::make_shared<SourcePump>(loop_, id_, job_, r.source, length, framing == Framing::chunked);
    out.response.source.reset();
    return;
  }
  if (joined)
    out.head.append(r.bytes);
  else
    out.bytes_size = r.bytes.size();
}

bool Connection::cancelled() const {
  return out_ && out_->response.cancelled && out_->response.cancelled->load(std::memory_order_relaxed);
}

/// True: the socket took bytes. False: it is full or gone, and that was dealt with.
bool Connection::sent(Io result) {
  if (result == Io::done) return true;
  if (result == Io::again) {
    writable_ = false;
    if (!watches_writing_) loop_.watch_writing(descriptor_);
    watches_writing_ = true;
    if (out_->pump) out_->pump->slow_down();
    return false;
  }
  close();
  return false;
}

bool Connection::step_sending() {
  if (!writable_) return false;
  if (cancelled()) {
    cut();
    return false;
  }
  Outgoing& out = *out_;
  if (out.head_sent < out.head.size() || out.bytes_sent < out.bytes_size) return send_bytes();
  if (out.file_left > 0) return send_file();
  if (out.pump) return send_source();
  return finish_answer();
}

bool Connection::send_bytes() {
  Outgoing& out = *out_;
  const std::string_view head = std::string_view(out.head).substr(out.head_sent);
  const std::string_view bytes =
      std::string_view(out.response.bytes).substr(0, out.bytes_size).substr(out.bytes_sent);
  std::size_t count = 0;
  if (!sent(channel_->write(head, bytes, out.file_left > 0, count))) return false;
  turn_bytes_ += count;
  out.handed += count;
  const std::size_t of_head = std::min(count, head.size());
  out.head_sent += of_head;
  out.bytes_sent += count - of_head;
  out.delivered = out.bytes_sent + (out.head_sent > out.body_begin ? out.head_sent - out.body_begin : 0);
  return true;
}

bool Connection::send_file() {
  Outgoing& out = *out_;
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(out.file_left, kFileStep));
  std::size_t count = 0;
  const Io result = channel_->send_file(out.response.file->descriptor(), static_cast<off_t>(out.file_offset),
                                        length, count);
  if (!sent(result)) return false;  // Io::end, a file that shrank, closes: the client sees a short answer
  turn_bytes_ += count;
  out.handed += count;
  out.delivered += count;
  out.file_offset += count;
  out.file_left -= count;
  return true;
}

bool Connection::send_source() {
  Outgoing& out = *out_;
  if (out.waits_for_source) return false;
  if (out.piece.begin == out.piece.end) {
    switch (out.pump->next(out.piece)) {
      case SourcePump::Next::piece:
        break;
      case SourcePump::Next::wait:
        out.waits_for_source = true;
        return false;
      case SourcePump::Next::end:
        return finish_answer();
      case SourcePump::Next::failed:
        cut();
        return false;
    }
  }
  std::size_t count = 0;
  const std::string_view bytes(out.piece.data.get() + out.piece.begin, out.piece.end - out.piece.begin);
  if (!sent(channel_->write(bytes, {}, false, count))) return false;
  turn_bytes_ += count;
  out.handed += count;
  out.piece.begin += count;
  const std::size_t framing = std::min(count, out.piece.prefix);
  out.piece.prefix -= framing;
  const std::size_t payload = std::min(count - framing, out.piece.payload);
  out.piece.payload -= payload;
  out.delivered += payload;
  return true;
}

void Connection::notify_sent(bool complete) {
  const auto told = std::move(out_->response.on_sent);
  out_->response.on_sent = nullptr;
  if (!told) return;
  try {
    told(out_->delivered, complete);
  } catch (const std::exception& e) {
    shared_.fault(std::string("on_sent() threw: ") + e.what());
  } catch (...) {
    shared_.fault("on_sent() threw an unknown exception");
  }
}

bool Connection::finish_answer() {
  notify_sent(true);
  const bool closes = out_->close;
  if (out_->pump) out_->pump->abandon();
  out_.reset();
  upload_.reset();
  job_.reset();
  if (closes) {
    end_after_answer();
    return true;
  }
  if (in_position_ == in_.size()) {
    in_.clear();
    in_position_ = 0;
    if (in_.capacity() > kKept) in_ = {};
    if (head_text_.capacity() > kKept) head_text_ = {};
  } else if (in_position_ > kKept) {
    in_.erase(0, in_position_);
    in_position_ = 0;
  }
  state_ = State::head;
  const auto& options = shared_.options;
  deadline_ = loop_.now() + (in_.empty() ? options.idle_timeout : options.head_timeout).count();
  return true;
}

/// False: the client takes less than the minimum rate. What counts is what it acknowledged: the kernel takes
/// megabytes at once and then none for minutes, which says nothing about the client.
bool Connection::check_sending_rate() {
  if (writable_) {  // waiting for the source, not for the client
    start_window(out_->handed);
    return true;
  }
  int unacknowledged = 0;
  if (::ioctl(descriptor_, SIOCOUTQ, &unacknowledged) != 0) unacknowledged = 0;
  const auto waiting = static_cast<std::uint64_t>(std::max(unacknowledged, 0));
  const std::uint64_t arrived = out_->handed > waiting ? out_->handed - waiting : 0;
  return !window_too_slow(arrived);
}

}  // namespace postern::http
