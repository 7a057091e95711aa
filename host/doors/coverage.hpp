// Which bytes of a document a recipient has been sent, over any number of ranges and retries: a union of intervals.
// Asking for the first byte a thousand times covers one byte.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace postern::doors {

class Coverage {
 public:
  /// Adds [begin, end). Beyond kMostIntervals separate pieces further ones are not remembered.
  void add(std::int64_t begin, std::int64_t end) {
    if (begin >= end) return;
    auto next = intervals_.upper_bound(begin);
    if (next != intervals_.begin() && std::prev(next)->second >= begin) {
      --next;
      begin = next->first;
    }
    while (next != intervals_.end() && next->first <= end) {
      if (next->second > end) end = next->second;
      covered_ -= next->second - next->first;
      next = intervals_.erase(next);
    }
    if (intervals_.size() >= kMostIntervals) return;
    intervals_.emplace(begin, end);
    covered_ += end - begin;
  }

  std::int64_t covered() const { return covered_; }

  /// All that matters of a document of `size` bytes: 95 %, since leaving a few bytes out would be a way to never use a
  /// link up.
  bool whole(std::int64_t size) const { return covered_ >= size - size / 20; }

 private:
  static constexpr std::size_t kMostIntervals = 1024;
  std::map<std::int64_t, std::int64_t> intervals_;  // begin -> end
  std::int64_t covered_ = 0;
};

}  // namespace postern::doors
