#include "host/http/target.hpp"

#include "host/http/characters.hpp"

namespace postern::http {
namespace {

constexpr std::size_t kHostLimit = 255;  // bytes, RFC 1035 section 2.3.4

constexpr CharacterSet kHostCharacters = characters("-._", true);
constexpr CharacterSet kAddressCharacters = characters(":.abcdefABCDEF0123456789", false);

// pchar of RFC 3986 plus what browsers leave as it is: | [ ] ^
constexpr CharacterSet kPathCharacters = characters("-._~!$&'()*+,;=:@%/|[]^", true);

constexpr CharacterSet query_characters() {
  CharacterSet set{};
  for (unsigned c = 0x21; c < 0x7f; ++c) set[c] = c != '#';
  return set;
}
constexpr CharacterSet kQueryCharacters = query_characters();

bool parse_port(std::string_view digits, std::optional<std::uint16_t>& port) {
  if (digits.empty()) return true;  // "host:" is allowed and means the default
  if (digits.size() > 5) return false;
  unsigned value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value == 0 || value > 65535) return false;
  port = static_cast<std::uint16_t>(value);
  return true;
}

/// Length of the valid UTF-8 sequence at the front that is no control character; 0 when there is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned from = 0x80, unsigned to = 0xbf) {
    return i < text.size() && byte(i) >= from && byte(i) <= to;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first == 0xc2) return follows(1, 0xa0) ? 2 : 0;  // U+0080 to U+009F are controls
  if (first >= 0xc3 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first == 0xe0) return follows(1, 0xa0) && follows(2) ? 3 : 0;
  if (first == 0xed) return follows(1, 0x80, 0x9f) && follows(2) ? 3 : 0;
  if (first >= 0xe1 && first <= 0xef) return follows(1) && follows(2) ? 3 : 0;
  if (first == 0xf0) return follows(1, 0x90) && follows(2) && follows(3) ? 4 : 0;
  if (first >= 0xf1 && first <= 0xf3) return follows(1) && follows(2) && follows(3) ? 4 : 0;
  if (first == 0xf4) return follows(1, 0x80, 0x8f) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

bool decode(std::string_view path, std::string& decoded) {
  decoded.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      decoded.push_back(path[i]);
      continue;
    }
    if (i + 2 >= path.size()) return false;
    const int high = hex_value(path[i + 1]);
    const int low = hex_value(path[i + 2]);
    if (high < 0 || low < 0) return false;
    const char c = static_cast<char>(high * 16 + low);
    if (c == '/' || c == '\\') return false;
    decoded.push_back(c);
    i += 2;
  }
  return true;
}

std::string without_dot_segments(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  std::size_t position = 0;
  while (position < path.size()) {  // position stands on a '/'
    std::size_t end = path.find('/', position + 1);
    const bool last = end == std::string_view::npos;
    if (last) end = path.size();
    const std::string_view segment = path.substr(position + 1, end - position - 1);
    if (segment == "..") {
      const std::size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
      if (last) out.push_back('/');
    } else if (segment == ".") {
      if (last) out.push_back('/');
    } else {
      out.push_back('/');
      out.append(segment);
    }
    position = end;
  }
  if (out.empty()) out.push_back('/');
  return out;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority authority;
  std::string_view host;
  std::string_view rest;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return std::nullopt;
    host = text.substr(0, end + 1);
    rest = text.substr(end + 1);
    if (!all_in(kAddressCharacters, host.substr(1, host.size() - 2))) return std::nullopt;
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    if (!all_in(kHostCharacters, host)) return std::nullopt;
  }
  if (host.empty() || host.size() > kHostLimit) return std::nullopt;
  if (!rest.empty() && (rest.front() != ':' || !parse_port(rest.substr(1), authority.port)))
    return std::nullopt;
  authority.host.reserve(host.size());
  for (const char c : host) authority.host.push_back(lower(c));
  return authority;
}

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {
    target.path = text;
    target.asterisk = true;
    return target;
  }
  if (text.empty()) return std::nullopt;
  if (text.front() != '/') {
    std::size_t scheme = 0;
    if (equal_without_case(text.substr(0, 7), "http://")) scheme = 7;
    if (equal_without_case(text.substr(0, 8), "https://")) scheme = 8;
    if (scheme == 0) return std::nullopt;
    text.remove_prefix(scheme);
    const std::size_t end = text.find_first_of("/?");
    target.authority = parse_authority(text.substr(0, end));
    if (!target.authority) return std::nullopt;
    text = end == std::string_view::npos ? std::string_view("/") : text.substr(end);
  }
  const std::size_t question = text.find('?');
  target.path = text.substr(0, question);
  if (target.path.empty()) target.path = "/";  // "http://host?query"
  if (question != std::string_view::npos) target.query = text.substr(question + 1);
  if (!all_in(kPathCharacters, target.path) || !all_in(kQueryCharacters, target.query)) return std::nullopt;
  return target;
}

std::optional<std::string> normalise_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::string decoded;
  if (!decode(path, decoded)) return std::nullopt;
  for (std::size_t i = 0; i < decoded.size();) {
    const std::size_t length = utf8_sequence(std::string_view(decoded).substr(i));
    if (length == 0) return std::nullopt;
    i += length;
  }
  if (decoded.find("/.") == std::string::npos) return decoded;
  return without_dot_segments(decoded);
}

}  // namespace postern::http
