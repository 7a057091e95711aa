// The gate: decides about the bytes of a request's head before anything else sees them. It refuses whatever
// RFC 9112 lets a server refuse, because each tolerance is a place where two parsers can disagree. Pure
// functions over bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "host/http/message.hpp"

namespace postern::http {

struct GateLimits {
  std::size_t request_line = 8 * 1024;  // bytes without CRLF; over it 414
  std::size_t head = 16 * 1024;         // bytes with the empty line; over it 431
  std::size_t fields = 100;             // over it 431
};

/// Why a request is not taken: an HTTP status and one sentence.
struct Refusal {
  int status = 400;
  std::string reason;
};

/// Finds the end of a head in bytes that arrive in any portions. Refuses a line end without CR and a head
/// that grows over its limits as soon as it is seen, so that neither waits for a time-out. [one thread]
class HeadScanner {
 public:
  enum class State { more, complete, refused };

  explicit HeadScanner(const GateLimits& limits) : limits_(limits) {}

  /// `bytes`: everything since the last request ended; each call gets the same bytes and perhaps more behind
  /// them.
  State scan(std::string_view bytes);

  std::size_t begin() const {
    return begin_;
  }  // of the request line, behind an empty line (RFC 9112 section 2.2)
  std::size_t end() const { return end_; }  // behind the empty line that closes the head; once complete
  const Refusal& refusal() const { return refusal_; }
  void reset();

 private:
  State refuse(int status, std::string reason);
  State end_of_line(std::string_view bytes, std::size_t line_feed);

  GateLimits limits_;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;      // where the current line begins
  std::size_t position_ = 0;  // everything before was looked at
  std::size_t end_ = 0;
  std::size_t lines_ = 0;
  bool begun_ = false;
  Refusal refusal_;
};

/// A head that passed, with what the connection needs beside the application's part. `head.address` and
/// `head.secure` are the caller's to set; `head.port` is 0 where the Host field names none.
struct ParsedHead {
  RequestHead head;
  std::string target_path;  // as sent, checked: for the canonical request line
  bool http10 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool asterisk = false;  // OPTIONS *
};

/// Checks one whole head, from the method to the empty line.
std::variant<ParsedHead, Refusal> parse_head(std::string_view head);

}  // namespace postern::http
