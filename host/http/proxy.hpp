// Which addresses may speak for others: X-Forwarded-* counts from listed proxies only and is taken out of
// every other request, so that nothing behind the server can believe it. Immutable after parse. [any thread]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/message.hpp"
#include "postern/result.hpp"

namespace postern::http {

class TrustedProxies {
 public:
  /// Each entry is an address ("10.0.0.1", "::1"), a CIDR ("10.0.0.0/8") or "unix" for peers on unix sockets.
  static Result<TrustedProxies> parse(const std::vector<std::string>& entries);

  bool trusts(std::string_view address) const;

  /// Sets address, secure, host and port of the head from the forwarded fields when `head.address`, the peer,
  /// is trusted; else removes those fields. False: a trusted proxy sent a host that is none.
  bool apply(RequestHead& head) const;

 private:
  struct Range {
    std::array<std::uint8_t, 16> bytes{};  // IPv4 as ::ffff:a.b.c.d
    unsigned bits = 128;
  };
  std::vector<Range> ranges_;
  bool unix_ = false;
};

}  // namespace postern::http
