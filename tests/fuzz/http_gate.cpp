// libFuzzer on the gate: the scanner in portions, the parser, and what must hold for every head that passes.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I. -Isdk/include tests/fuzz/http_gate.cpp
//     host/http/gate.cpp host/http/target.cpp host/http/message.cpp
#include <cstdint>
#include <cstdlib>

#include "host/http/gate.hpp"
#include "host/http/target.hpp"

using namespace postern::http;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const ParsedHead& parsed) {
  const RequestHead& head = parsed.head;
  require(!head.path.empty() && head.path.front() == '/');
  require(head.path.find("/../") == std::string::npos && !head.path.ends_with("/.."));
  require(head.path.find("/./") == std::string::npos && !head.path.ends_with("/."));
  for (const char c : head.path) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\');
  require(!(head.chunked && head.content_length));
  require(!(head.chunked && parsed.http10));
  require(parsed.http10 || !head.host.empty());
  for (const auto& [name, value] : head.fields.all()) {
    require(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos);
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HeadScanner whole{GateLimits{}};
  const auto state = whole.scan(bytes);
  HeadScanner cut{GateLimits{}};
  auto in_portions = HeadScanner::State::more;
  for (std::size_t given = 1; given <= size && in_portions == HeadScanner::State::more;
       given += 1 + given / 7)
    in_portions = cut.scan(bytes.substr(0, given));
  if (in_portions == HeadScanner::State::more) in_portions = cut.scan(bytes);
  require(in_portions == state);
  if (state != HeadScanner::State::complete) return 0;
  require(cut.end() == whole.end() && whole.end() <= size);
  const auto result = parse_head(bytes.substr(whole.begin(), whole.end() - whole.begin()));
  if (const auto* parsed = std::get_if<ParsedHead>(&result)) check(*parsed);
  return 0;
}
