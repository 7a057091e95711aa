#include "host/services/delivery_source.hpp"

#include <algorithm>

namespace postern::services {
namespace {

constexpr std::int64_t kAligned = 64 * 1024;  // a frame of an encrypted blob

/// At most `room` bytes from `offset`, ending at a border of frames if one lies within.
std::int64_t aligned(std::int64_t offset, std::int64_t room, std::int64_t left) {
  if (left <= room) return left;
  const std::int64_t border = (offset + room) / kAligned * kAligned;
  return border > offset ? border - offset : room;
}

}  // namespace

std::size_t DocumentSource::copy_text(const std::string& text, std::span<std::byte> room) {
  const auto part = std::min(text.size() - text_done_, room.size());
  const auto bytes = std::as_bytes(std::span(text)).subspan(text_done_, part);
  std::copy(bytes.begin(), bytes.end(), room.begin());
  text_done_ += part;
  return part;
}

ssize_t DocumentSource::read(std::span<std::byte> room) {
  if (broken_) return -1;
  std::size_t done = 0;
  while (done < room.size()) {
    const auto rest = room.subspan(done);
    if (part_ == parts_.size()) {
      const auto copied = copy_text(end_, rest);
      if (copied == 0) break;
      done += copied;
      continue;
    }
    const SourcePart& part = parts_[part_];
    if (text_done_ < part.head.size()) {
      done += copy_text(part.head, rest);
      continue;
    }
    if (content_done_ == part.range.length) {
      ++part_;
      text_done_ = 0;
      content_done_ = 0;
      continue;
    }
    const std::int64_t offset = part.range.offset + content_done_;
    const auto wanted =
        aligned(offset, static_cast<std::int64_t>(rest.size()), part.range.length - content_done_);
    const auto got = reader_->read(offset, rest.first(static_cast<std::size_t>(wanted)));
    if (!got.ok() || static_cast<std::int64_t>(*got) != wanted) {
      // The head has promised a length: an answer that is cut is the only honest one left.
      broken_ = true;
      return done > 0 ? static_cast<ssize_t>(done) : -1;
    }
    done += static_cast<std::size_t>(wanted);
    content_done_ += wanted;
    if (content_done_ < part.range.length) break;
  }
  return static_cast<ssize_t>(done);
}

}  // namespace postern::services
