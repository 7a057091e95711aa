#include "host/http/proxy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "host/http/characters.hpp"
#include "host/http/target.hpp"

namespace postern::http {
namespace {

using AddressBytes = std::array<std::uint8_t, 16>;

/// Empty when the text is no address; `v4` tells which kind it was.
std::optional<AddressBytes> parse_address(std::string_view text, bool& v4) {
  AddressBytes bytes{};
  const std::string copy(text);
  v4 = inet_pton(AF_INET, copy.c_str(), bytes.data() + 12) == 1;
  if (v4) {
    bytes[10] = bytes[11] = 0xff;
    return bytes;
  }
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool forwarded_name(std::string_view name) {
  return name.size() > 12 && equal_without_case(name.substr(0, 12), "x-forwarded-");
}

/// The last element of all fields of that name: what the nearest proxy said.
std::string_view last_element(const Fields& fields, std::string_view name) {
  std::string_view last;
  for (const auto& [key, value] : fields.all())
    if (equal_without_case(key, name))
      for_each_element(value, [&](std::string_view element) { last = element; });
  return last;
}

/// "1.2.3.4:5678" and "[::1]:5678" are seen in the wild beside plain addresses.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon == text.rfind(':') ? text.substr(0, colon) : text;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const auto& entry : entries) {
    if (entry == "unix") {
      proxies.unix_ = true;
      continue;
    }
    const std::size_t slash = entry.find('/');
    bool v4 = false;
    const auto bytes = parse_address(std::string_view(entry).substr(0, slash), v4);
    unsigned bits = v4 ? 32 : 128;
    const unsigned most = bits;
    bool good = bytes.has_value();
    if (good && slash != std::string::npos) {
      const char* end = entry.data() + entry.size();
      const auto [stop, failure] = std::from_chars(entry.data() + slash + 1, end, bits);
      good = failure == std::errc{} && stop == end && bits <= most;
    }
    if (!good)
      return Error{Code::invalid,
                   "Trusted proxy \"" + entry + "\" is neither an address nor a network such as 10.0.0.0/8.",
                   {}};
    proxies.ranges_.push_back({*bytes, v4 ? bits + 96 : bits});
  }
  return proxies;
}

bool TrustedProxies::trusts(std::string_view address) const {
  if (address == "unix") return unix_;
  bool v4 = false;
  const auto bytes = parse_address(address, v4);
  if (!bytes) return false;
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    const unsigned whole = range.bits / 8;
    if (std::memcmp(range.bytes.data(), bytes->data(), whole) != 0) return false;
    const unsigned rest = range.bits % 8;
    return rest == 0 || (range.bytes[whole] ^ (*bytes)[whole]) >> (8 - rest) == 0;
  });
}

bool TrustedProxies::apply(RequestHead& head) const {
  const auto& all = head.fields.all();
  if (std::none_of(all.begin(), all.end(), [](const auto& field) { return forwarded_name(field.first); }))
    return true;
  if (!trusts(head.address)) {
    Fields kept;
    for (const auto& [name, value] : all)
      if (!forwarded_name(name)) kept.add(name, value);
    head.fields = std::move(kept);
    return true;
  }
  std::vector<std::string_view> chain;
  for (const auto& [name, value] : all)
    if (equal_without_case(name, "x-forwarded-for"))
      for_each_element(value, [&](std::string_view element) { chain.push_back(without_port(element)); });
  for (auto hop = chain.rbegin(); hop != chain.rend(); ++hop) {
    bool v4 = false;
    if (!parse_address(*hop, v4)) break;  // what stands before an unreadable hop is hearsay
    head.address = *hop;
    if (!trusts(*hop)) break;
  }
  const std::string_view scheme = last_element(head.fields, "x-forwarded-proto");
  if (!scheme.empty()) head.secure = equal_without_case(scheme, "https");
  const std::string_view host = last_element(head.fields, "x-forwarded-host");
  if (host.empty()) return true;
  auto authority = parse_authority(host);
  if (!authority) return false;
  head.host = std::move(authority->host);
  head.port = authority->port.value_or(0);
  return true;
}

}  // namespace postern::http
