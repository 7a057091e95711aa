#include "host/http/source_pump.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>

#include "host/http/connection.hpp"

namespace postern::http {
namespace {

constexpr std::size_t kSmallest = 64 * 1024;  // bytes of a piece: what a slow reader holds twice
constexpr std::size_t kLargest = 128 * 1024;  // 500 slow readers that all began fast still fit into 300 MiB
constexpr std::size_t kAhead = 2;   // pieces
constexpr std::size_t kFront = 20;  // room for a chunk's size line
constexpr std::size_t kBack = 8;    // room for a chunk's end and the last chunk

}  // namespace

SourcePump::SourcePump(Loop& loop, std::uint64_t connection, std::shared_ptr<Job> job,
                       std::shared_ptr<BodySource> source, std::optional<std::uint64_t> length, bool chunked)
    : loop_(loop),
      connection_(connection),
      job_(std::move(job)),
      source_(std::move(source)),
      chunked_(chunked),
      left_(length),
      size_(kSmallest) {}

void SourcePump::schedule_locked() {
  if (running_ || ended_ || failed_ || abandoned_ || ready_.size() >= kAhead) return;
  running_ = true;
  loop_.shared().io->push([self = shared_from_this()] { self->run(); });
}

SourcePump::Next SourcePump::next(Piece& piece) {
  const std::lock_guard lock(mutex_);
  if (piece.data && spare_.size() < kAhead) spare_.push_back(std::move(piece));
  piece = Piece{};
  if (ready_.empty()) {
    if (failed_) return Next::failed;
    if (ended_) return Next::end;
    size_ = std::min(size_ * 2, kLargest);  // the client is faster than we are
    wanted_ = true;
    schedule_locked();
    return Next::wait;
  }
  piece = std::move(ready_.front());
  ready_.pop_front();
  schedule_locked();
  return Next::piece;
}

void SourcePump::slow_down() {
  const std::lock_guard lock(mutex_);
  if (ready_.size() == kAhead) size_ = kSmallest;
}

void SourcePump::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  ready_.clear();
  spare_.clear();
}

Piece SourcePump::empty_piece_locked() {
  while (!spare_.empty()) {
    Piece piece = std::move(spare_.back());
    spare_.pop_back();
    if (piece.capacity == size_ + kFront + kBack) return piece;
  }
  return Piece::of(size_ + kFront + kBack);
}

/// Reads until the piece is full. False: the source has ended, or failed_ was set.
bool SourcePump::fill(Piece& piece) {
  piece.payload = 0;
  std::size_t room = piece.capacity - kFront - kBack;
  if (left_) room = static_cast<std::size_t>(std::min<std::uint64_t>(room, *left_));
  ssize_t count = 1;
  while (piece.payload < room && count > 0) {
    try {
      count = source_->read(
          std::as_writable_bytes(std::span(piece.data.get() + kFront + piece.payload, room - piece.payload)));
    } catch (const std::exception& e) {
      loop_.shared().fault(std::string("read() of an answer's body threw: ") + e.what());
      count = -1;
    } catch (...) {
      loop_.shared().fault("read() of an answer's body threw an unknown exception");
      count = -1;
    }
    if (count > 0) piece.payload += static_cast<std::size_t>(count);
  }
  if (left_) *left_ -= piece.payload;
  if (count < 0 || (count == 0 && left_ && *left_ > 0)) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
  }
  return count > 0 && (!left_ || *left_ > 0);
}

void SourcePump::frame(Piece& piece, bool last) {
  piece.begin = kFront;
  piece.prefix = 0;
  piece.end = kFront + piece.payload;
  if (!chunked_) return;
  const auto append = [&](std::string_view text) {
    std::memcpy(piece.data.get() + piece.end, text.data(), text.size());
    piece.end += text.size();
  };
  if (piece.payload > 0) {
    std::array<char, kFront + 1> size{};
    piece.prefix =
        static_cast<std::size_t>(std::snprintf(size.data(), size.size(), "%zx\r\n", piece.payload));
    piece.begin = kFront - piece.prefix;
    std::memcpy(piece.data.get() + piece.begin, size.data(), piece.prefix);
    append("\r\n");
  }
  if (last) append("0\r\n\r\n");
}

void SourcePump::run() {
  for (;;) {
    Piece piece;
    {
      const std::lock_guard lock(mutex_);
      if (abandoned_ || ended_ || failed_ || ready_.size() >= kAhead) {
        running_ = false;
        return;
      }
      piece = empty_piece_locked();
    }
    const bool goes_on = fill(piece);
    const std::lock_guard lock(mutex_);
    if (!goes_on && !failed_) ended_ = true;
    frame(piece, ended_);
    if (piece.end > piece.begin && !abandoned_) ready_.push_back(std::move(piece));
    if (!wanted_) continue;
    wanted_ = false;
    loop_.post(connection_, [job = job_](Connection* connection) {
      if (connection != nullptr) connection->source_ready(job);
    });
  }
}

}  // namespace postern::http
