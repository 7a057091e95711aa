// The chunked transfer coding (RFC 9112 section 7.1), read strictly and in any portions. Trailer fields are
// checked and dropped: nothing behind the body may change what the head said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::http {

class ChunkedDecoder {
 public:
  enum class Status {
    more,  // everything given was used; the body goes on
    data,  // `data` holds bytes of the body; call again with what was not used
    done,  // the body has ended; bytes not used belong to the next request
    bad,   // not the chunked coding; the object must not be used again
  };

  /// Reads from the front of `bytes`; `used` says how many bytes were read, `data` points into `bytes`.
  Status next(std::string_view bytes, std::size_t& used, std::string_view& data);

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension_first,
    extension,
    size_line_feed,
    data,
    data_return,
    data_line_feed,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_line_feed,
    last_line_feed,
    done,
    bad,
  };

  State step(char c);
  State size_digit(char c);
  State size_end(char c);
  bool within_limit();

  State state_ = State::size_first;
  std::uint64_t left_ = 0;    // bytes of the chunk still to come; while its size is read, the size so far
  unsigned digits_ = 0;       // of the size
  std::size_t overhead_ = 0;  // bytes of this size line, or of all trailers
};

}  // namespace postern::http
