#include "host/http/upload.hpp"

#include <exception>

#include "host/http/connection.hpp"

namespace postern::http {
namespace {

constexpr std::size_t kPiece = 128 * 1024;  // bytes of one piece
constexpr std::size_t kMostWaiting = 1024 * 1024;
constexpr std::size_t kMostPieces =
    16;  // slow networks fill pieces badly; this bounds the memory all the same

}  // namespace

Upload::Upload(Loop& loop, std::uint64_t connection, std::shared_ptr<Job> job)
    : loop_(loop), connection_(connection), job_(std::move(job)) {}

Piece Upload::empty_piece() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return Piece::of(kPiece);
  Piece piece = std::move(spare_.back());
  spare_.pop_back();
  piece.begin = piece.end = 0;
  return piece;
}

void Upload::schedule_locked() {
  if (running_) return;
  running_ = true;
  loop_.shared().io->push([self = shared_from_this()] { self->run(); });
}

void Upload::push(Piece piece) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  waiting_bytes_ += piece.end - piece.begin;
  waiting_.push_back(std::move(piece));
  schedule_locked();
}

bool Upload::must_pause() {
  const std::lock_guard lock(mutex_);
  paused_ = !ended_ && (waiting_bytes_ > kMostWaiting || waiting_.size() > kMostPieces);
  return paused_;
}

void Upload::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  schedule_locked();
}

void Upload::abandon() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  waiting_.clear();
  spare_.clear();
}

bool Upload::take_all(std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    if (job_->abandoned) return true;
    const std::span<const char> bytes(piece.data.get() + piece.begin, piece.end - piece.begin);
    try {
      if (!job_->exchange->take(std::as_bytes(bytes))) return false;
    } catch (const std::exception& e) {
      loop_.shared().fault(std::string("take() of a request body threw: ") + e.what());
      return false;
    } catch (...) {
      loop_.shared().fault("take() of a request body threw an unknown exception");
      return false;
    }
  }
  return true;
}

void Upload::end(bool early) {
  if (early)
    loop_.post(connection_, [job = job_](Connection* connection) {
      if (connection != nullptr) connection->stop_reading(job);
    });
  Connection::queue_answer(loop_, connection_, job_);
}

void Upload::run() {
  std::vector<Piece> pieces;
  {
    const std::lock_guard lock(mutex_);
    for (auto& piece : waiting_) pieces.push_back(std::move(piece));
    waiting_.clear();
  }
  const bool goes_on = take_all(pieces);

  const std::lock_guard lock(mutex_);
  running_ = false;
  if (ended_) return;
  for (auto& piece : pieces) {
    waiting_bytes_ -= piece.end - piece.begin;
    if (spare_.size() < 4) spare_.push_back(std::move(piece));
  }
  if (!goes_on || (finished_ && waiting_.empty())) {
    ended_ = true;
    waiting_.clear();
    end(!goes_on && !finished_);
    return;
  }
  if (paused_ && waiting_bytes_ <= kMostWaiting / 2) {
    paused_ = false;
    loop_.post(connection_, [job = job_](Connection* connection) {
      if (connection != nullptr) connection->resume_reading(job);
    });
  }
  if (!waiting_.empty()) schedule_locked();  // behind the pieces of other uploads
}

}  // namespace postern::http
