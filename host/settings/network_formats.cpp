// Host names, URLs, addresses and email addresses; the other forms are in formats.cpp.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "host/settings/formats.hpp"

namespace postern::settings {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_dns_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::string_view label;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find('.', begin), text.size());
    label = text.substr(begin, end - begin);
    if (!is_label(label)) return false;
    begin = end + 1;
  }
  // 1.2.3 and 10.0.0.300 are mistyped addresses and not names.
  return !std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

bool is_host_name(std::string_view text) {
  return is_dns_name(text) || is_ipv4(std::string(text)) || is_ipv6(std::string(text));
}

bool is_loopback(std::string_view host) {
  std::string name = lower(host);
  return name == "localhost" || name.ends_with(".localhost") || name == "::1" ||
         (name.starts_with("127.") && is_ipv4(name));
}

bool is_email(std::string_view text) {
  auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  auto local = text.substr(0, at);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) return false;
  constexpr std::string_view kAllowed = "!#$%&'*+-/=?^_`{|}~.";  // RFC 5322 3.2.3, atext and dot
  bool allowed = std::all_of(local.begin(), local.end(), [&](char c) {
    return is_letter_or_digit(c) || kAllowed.find(c) != std::string_view::npos;
  });
  return allowed && is_dns_name(text.substr(at + 1));
}

std::optional<UrlParts> split_url(std::string_view text) {
  auto colon = text.find("://");
  if (colon == std::string_view::npos || text.size() > 2048) return std::nullopt;
  UrlParts parts;
  parts.scheme = lower(text.substr(0, colon));
  if (parts.scheme != "http" && parts.scheme != "https") return std::nullopt;
  parts.port = parts.scheme == "https" ? 443 : 80;
  auto rest = text.substr(colon + 3);
  auto end = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = rest.substr(0, end);
  parts.path = rest.substr(end);
  bool printable = std::all_of(parts.path.begin(), parts.path.end(), [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  if (!printable || authority.find('@') != std::string_view::npos) return std::nullopt;
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    auto close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!is_ipv6(std::string(host))) return std::nullopt;
  } else {
    auto before = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, before);
    port = authority.substr(before);
    if (!is_dns_name(host) && !is_ipv4(std::string(host))) return std::nullopt;
  }
  if (!port.empty()) {
    auto number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
    if (!number || *number == 0) return std::nullopt;
    parts.port = *number;
  }
  parts.host = lower(host);
  return parts;
}

bool is_url(std::string_view text) { return split_url(text).has_value(); }

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un of unix(7), without its closing zero
    bool fits = text.size() > 6 && text[5] == '/' && text.size() - 5 <= kLongestSocketPath;
    return fits ? std::optional<Address>({std::string(text), 0}) : std::nullopt;
  }
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto port = parse_port(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return is_ipv6(host) ? std::optional<Address>({host, *port}) : std::nullopt;
  }
  return is_ipv4(host) ? std::optional<Address>({host, *port}) : std::nullopt;
}

bool is_network(std::string_view text) {
  auto slash = text.find('/');
  std::string address(text.substr(0, slash));
  int most = is_ipv4(address) ? 32 : is_ipv6(address) ? 128 : -1;
  if (most < 0 || slash == std::string_view::npos) return most >= 0;
  auto bits = parse_port(text.substr(slash + 1));
  return bits && *bits <= most;
}

}  // namespace postern::settings
