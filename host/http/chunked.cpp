#include "host/http/chunked.hpp"

#include <algorithm>

#include "host/http/characters.hpp"

namespace postern::http {
namespace {

constexpr unsigned kDigits = 15;             // of a chunk's size: below 2^60
constexpr std::size_t kSizeLine = 256;       // bytes of one size line with its extension
constexpr std::size_t kTrailers = 8 * 1024;  // bytes of all trailer fields

}  // namespace

bool ChunkedDecoder::within_limit() {
  const bool trailer = state_ >= State::trailer_first;
  return ++overhead_ <= (trailer ? kTrailers : kSizeLine);
}

ChunkedDecoder::State ChunkedDecoder::size_end(char c) {
  if (c == ';') return State::extension_first;
  return c == '\r' ? State::size_line_feed : State::bad;
}

ChunkedDecoder::State ChunkedDecoder::size_digit(char c) {
  const int digit = hex_value(c);
  if (digit < 0) return digits_ == 0 ? State::bad : size_end(c);
  if (++digits_ > kDigits) return State::bad;
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return State::size;
}

ChunkedDecoder::State ChunkedDecoder::step(char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
      return size_digit(c);
    case State::extension_first:
      return in(kTokenCharacters, c) ? State::extension : State::bad;
    case State::extension:
      if (c == '\r') return State::size_line_feed;
      return in(kValueCharacters, c) ? State::extension : State::bad;
    case State::size_line_feed:
      if (c != '\n') return State::bad;
      overhead_ = 0;
      return left_ == 0 ? State::trailer_first : State::data;
    case State::data_return:
      return c == '\r' ? State::data_line_feed : State::bad;
    case State::data_line_feed:
      overhead_ = 0;
      digits_ = 0;
      return c == '\n' ? State::size_first : State::bad;
    case State::trailer_first:
      if (c == '\r') return State::last_line_feed;
      return in(kTokenCharacters, c) ? State::trailer_name : State::bad;
    case State::trailer_name:
      if (c == ':') return State::trailer_value;
      return in(kTokenCharacters, c) ? State::trailer_name : State::bad;
    case State::trailer_value:
      if (c == '\r') return State::trailer_line_feed;
      return in(kValueCharacters, c) ? State::trailer_value : State::bad;
    case State::trailer_line_feed:
      return c == '\n' ? State::trailer_first : State::bad;
    case State::last_line_feed:
      return c == '\n' ? State::done : State::bad;
    case State::data:
    case State::done:
    case State::bad:
      break;
  }
  return State::bad;
}

ChunkedDecoder::Status ChunkedDecoder::next(std::string_view bytes, std::size_t& used,
                                            std::string_view& data) {
  used = 0;
  data = {};
  while (used < bytes.size()) {
    if (state_ == State::data) {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - used));
      data = bytes.substr(used, length);
      used += length;
      left_ -= length;
      if (left_ == 0) state_ = State::data_return;
      return Status::data;
    }
    if (state_ == State::done) return Status::done;
    state_ = within_limit() ? step(bytes[used]) : State::bad;
    if (state_ == State::bad) return Status::bad;
    ++used;
  }
  return state_ == State::done ? Status::done : Status::more;
}

}  // namespace postern::http
