// The one list of failure codes, shared by the host, plugins and the web, and its one table to HTTP.
// The numbers cross the plugin boundary: they are frozen, new ones are added at the end.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

enum class Code : std::int32_t {
  ok = 0,
  invalid = 1,          // what was sent is wrong; the message names the field, what was found, what is wanted
  unauthenticated = 2,  // nobody proved who is calling
  forbidden = 3,        // known, but not allowed
  not_found = 4,        // no such thing, or none that the caller may know of
  gone = 5,             // it was there and has ended: expired, revoked, used up
  conflict = 6,         // the state of the thing does not allow it
  precondition_failed = 7,  // the thing changed since the caller looked (If-Match)
  too_large = 8,            // over a size limit
  unsupported_type = 9,     // a type of content that is not taken here
  range_not_satisfiable = 10,
  too_many = 11,       // over a rate limit; try again later
  unavailable = 12,    // a part the work needs is down or busy; try again later
  no_space = 13,       // storage is full
  internal = 14,       // a bug or a broken machine
  unprocessable = 15,  // well-formed, but what it asks for cannot be done
};

/// HTTP status of a code (RFC 9110 section 15, RFC 4918 for 507, RFC 6585 for 429). [any thread]
constexpr int http_status(Code code) {
  switch (code) {
    case Code::ok:
      return 200;
    case Code::invalid:
      return 400;
    case Code::unauthenticated:
      return 401;
    case Code::forbidden:
      return 403;
    case Code::not_found:
      return 404;
    case Code::gone:
      return 410;
    case Code::conflict:
      return 409;
    case Code::precondition_failed:
      return 412;
    case Code::too_large:
      return 413;
    case Code::unsupported_type:
      return 415;
    case Code::range_not_satisfiable:
      return 416;
    case Code::too_many:
      return 429;
    case Code::unavailable:
      return 503;
    case Code::no_space:
      return 507;
    case Code::internal:
      return 500;
    case Code::unprocessable:
      return 422;
  }
  return 500;
}

/// The code's name as it stands in logs and problem details, e.g. "not_found". [any thread]
constexpr std::string_view name(Code code) {
  switch (code) {
    case Code::ok:
      return "ok";
    case Code::invalid:
      return "invalid";
    case Code::unauthenticated:
      return "unauthenticated";
    case Code::forbidden:
      return "forbidden";
    case Code::not_found:
      return "not_found";
    case Code::gone:
      return "gone";
    case Code::conflict:
      return "conflict";
    case Code::precondition_failed:
      return "precondition_failed";
    case Code::too_large:
      return "too_large";
    case Code::unsupported_type:
      return "unsupported_type";
    case Code::range_not_satisfiable:
      return "range_not_satisfiable";
    case Code::too_many:
      return "too_many";
    case Code::unavailable:
      return "unavailable";
    case Code::no_space:
      return "no_space";
    case Code::internal:
      return "internal";
    case Code::unprocessable:
      return "unprocessable";
  }
  return "internal";
}

}  // namespace postern
