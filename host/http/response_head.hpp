// The head of an answer in bytes: status line, the fields the server adds, the application's fields with
// everything taken out that could end a line early (response splitting). Pure functions. [any thread]
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "host/http/message.hpp"

namespace postern::http {

enum class Framing : std::uint8_t {
  none,     // the status allows no body: neither length nor coding is said
  length,   // Content-Length
  chunked,  // Transfer-Encoding: chunked
  closing,  // the end of the connection ends the body (HTTP/1.0)
};

enum class After : std::uint8_t { keep, keep_said, close };  // keep_said: HTTP/1.0 wants it written

/// Appends the head to `out`. `date` as of http_date().
void write_head(std::string& out, const Response& response, Framing framing, std::uint64_t length,
                After after, std::string_view date);

/// IMF-fixdate (RFC 9110 section 5.6.7).
std::string http_date(std::time_t time);

/// "Not Found" for 404; "Unknown" for numbers without a name.
std::string_view reason_phrase(int status);

}  // namespace postern::http
