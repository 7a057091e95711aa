#include "host/http/gate.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/http/characters.hpp"
#include "host/http/target.hpp"

namespace postern::http {
namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

using Failure = std::optional<Refusal>;

Refusal bad(std::string reason) { return {400, std::move(reason)}; }

Failure parse_method(std::string_view method) {
  if (!is_token(method)) return bad("The request line does not begin with a method.");
  if (std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end()) return std::nullopt;
  if (method == "TRACE" || method == "CONNECT") return Refusal{405, "This method is not allowed here."};
  return Refusal{501, "This method is not known here."};
}

Failure parse_version(std::string_view version, ParsedHead& parsed) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) || version[6] != '.' ||
      !digit(version[7]))
    return bad("The request line does not end with an HTTP version.");
  if (version[5] != '1') return Refusal{505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
  parsed.http10 = version[7] == '0';
  return std::nullopt;
}

Failure parse_request_line(std::string_view line, ParsedHead& parsed, std::optional<Authority>& authority) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("The request line has not three parts.");
  const std::string_view method = line.substr(0, first);
  const std::string_view text = line.substr(first + 1, last - first - 1);
  if (auto failure = parse_version(line.substr(last + 1), parsed)) return failure;
  if (auto failure = parse_method(method)) return failure;
  auto target = parse_target(text);
  if (!target) return bad("The request target is not a valid address.");
  if (target->asterisk) {
    if (method != "OPTIONS") return bad("The request target * belongs to OPTIONS only.");
    parsed.asterisk = true;
    parsed.head.path = "/";
    parsed.target_path = "/";
  } else {
    auto path = normalise_path(target->path);
    if (!path) return bad("The path holds an escape or a character that is not allowed.");
    parsed.head.path = *std::move(path);
    parsed.target_path = target->path;
  }
  parsed.head.method = method;
  parsed.head.query = target->query;
  authority = std::move(target->authority);
  return std::nullopt;
}

Failure parse_fields(std::string_view text, Fields& fields) {
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return bad("A header line has no end.");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.empty()) return text.empty() ? Failure{} : bad("The head goes on behind its empty line.");
    if (line.front() == ' ' || line.front() == '\t') return bad("A header field is folded over lines.");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad("A header line has no colon.");
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name)) return bad("The name of a header field holds a character that is not allowed.");
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!all_in(kValueCharacters, value)) return bad("A header field holds a control character.");
    fields.add(std::string(name), std::string(value));
  }
  return bad("The head has no empty line.");
}

Failure parse_length(std::string_view text, std::optional<std::uint64_t>& length) {
  if (length) return bad("There is more than one Content-Length.");
  // 18 digits stay below 2^63, and nobody sends an exabyte.
  if (text.empty() || text.size() > 18) return bad("The Content-Length is not a number of bytes.");
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return bad("The Content-Length is not a number of bytes.");
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  length = value;
  return std::nullopt;
}

Failure parse_coding(std::string_view text, ParsedHead& parsed) {
  if (parsed.head.chunked) return bad("There is more than one Transfer-Encoding.");
  if (parsed.http10) return bad("HTTP/1.0 has no Transfer-Encoding.");
  if (!equal_without_case(text, "chunked")) return bad("Only the transfer coding chunked is known here.");
  parsed.head.chunked = true;
  return std::nullopt;
}

struct FieldNotes {
  std::string_view host;
  unsigned hosts = 0;
  bool close = false;
  bool keep_alive = false;
  bool unknown_expectation = false;
};

Failure read_field(std::string_view name, std::string_view value, ParsedHead& parsed, FieldNotes& notes) {
  if (equal_without_case(name, "host")) {
    notes.host = value;
    ++notes.hosts;
  } else if (equal_without_case(name, "content-length")) {
    return parse_length(value, parsed.head.content_length);
  } else if (equal_without_case(name, "transfer-encoding")) {
    return parse_coding(value, parsed);
  } else if (equal_without_case(name, "connection")) {
    for_each_element(value, [&](std::string_view option) {
      if (equal_without_case(option, "close")) notes.close = true;
      if (equal_without_case(option, "keep-alive")) notes.keep_alive = true;
    });
  } else if (equal_without_case(name, "expect")) {
    if (equal_without_case(value, "100-continue"))
      parsed.expects_continue = true;
    else
      notes.unknown_expectation = true;
  }
  return std::nullopt;
}

Failure check_host(ParsedHead& parsed, const FieldNotes& notes, std::optional<Authority> authority) {
  if (notes.hosts > 1) return bad("There is more than one Host.");
  if (notes.hosts == 0 && !parsed.http10) return bad("There is no Host.");
  if (notes.hosts == 1) {
    auto host = parse_authority(notes.host);
    if (!host) return bad("The Host is not a host name with an optional port.");
    if (!authority) authority = std::move(host);  // RFC 9112 section 3.2.2: an absolute target wins
  }
  if (authority) {
    parsed.head.host = std::move(authority->host);
    parsed.head.port = authority->port.value_or(0);
  }
  return std::nullopt;
}

}  // namespace

HeadScanner::State HeadScanner::refuse(int status, std::string reason) {
  refusal_ = {status, std::move(reason)};
  return State::refused;
}

void HeadScanner::reset() {
  begin_ = line_ = position_ = end_ = lines_ = 0;
  begun_ = false;
}

HeadScanner::State HeadScanner::end_of_line(std::string_view bytes, std::size_t line_feed) {
  if (line_feed == line_ || bytes[line_feed - 1] != '\r')
    return refuse(400, "A line ends without a carriage return.");
  const std::size_t length = line_feed - 1 - line_;
  if (lines_ == 0 && length > limits_.request_line) return refuse(414, "The request line is too long.");
  if (line_feed + 1 - begin_ > limits_.head) return refuse(431, "The head is too long.");
  if (length == 0) {
    end_ = line_feed + 1;
    return State::complete;
  }
  if (lines_ > limits_.fields) return refuse(431, "There are too many header fields.");
  ++lines_;
  line_ = line_feed + 1;
  return State::more;
}

HeadScanner::State HeadScanner::scan(std::string_view bytes) {
  if (!begun_) {
    if (bytes.empty()) return State::more;
    if (bytes.front() == '\r') {
      if (bytes.size() >= 2 && bytes[1] != '\n')
        return refuse(400, "The request begins with a carriage return.");
      if (bytes.size() < 3) return State::more;
      begin_ = line_ = position_ = 2;
    }
    if (!in(kTokenCharacters, bytes[begin_]))
      return refuse(400, "The request line does not begin with a method.");
    begun_ = true;
  }
  while (position_ < bytes.size()) {
    const void* found = std::memchr(bytes.data() + position_, '\n', bytes.size() - position_);
    if (found == nullptr) break;
    const auto line_feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    position_ = line_feed + 1;
    const State state = end_of_line(bytes, line_feed);
    if (state != State::more) return state;
  }
  position_ = bytes.size();
  if (lines_ == 0 && position_ - line_ > limits_.request_line + 1)
    return refuse(414, "The request line is too long.");
  if (position_ - begin_ > limits_.head) return refuse(431, "The head is too long.");
  return State::more;
}

std::variant<ParsedHead, Refusal> parse_head(std::string_view head) {
  ParsedHead parsed;
  FieldNotes notes;
  std::optional<Authority> authority;
  const std::size_t line = head.find("\r\n");
  if (line == std::string_view::npos) return bad("The request line has no end.");
  if (auto failure = parse_request_line(head.substr(0, line), parsed, authority)) return *std::move(failure);
  if (auto failure = parse_fields(head.substr(line + 2), parsed.head.fields)) return *std::move(failure);
  for (const auto& [name, value] : parsed.head.fields.all())
    if (auto failure = read_field(name, value, parsed, notes)) return *std::move(failure);
  if (parsed.head.chunked && parsed.head.content_length)
    return bad("Content-Length and Transfer-Encoding stand side by side.");
  if (auto failure = check_host(parsed, notes, std::move(authority))) return *std::move(failure);
  if (notes.unknown_expectation) return Refusal{417, "Only the expectation 100-continue is known here."};
  if (parsed.http10) parsed.expects_continue = false;  // RFC 9110 section 10.1.1
  parsed.keep_alive = !notes.close && (!parsed.http10 || notes.keep_alive);
  return parsed;
}

}  // namespace postern::http
