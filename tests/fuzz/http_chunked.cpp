// libFuzzer on the chunked decoder: whatever the portions, the same body, the same verdict, the same end.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I. -Isdk/include
//   tests/fuzz/http_chunked.cpp
//     host/http/chunked.cpp
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "host/http/chunked.hpp"

using namespace postern::http;

namespace {

struct Outcome {
  std::string body;
  std::size_t consumed = 0;
  ChunkedDecoder::Status status = ChunkedDecoder::Status::more;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view bytes, std::size_t step) {
  Outcome out;
  ChunkedDecoder decoder;
  std::size_t given = 0;
  for (;;) {
    if (out.status == ChunkedDecoder::Status::more) {
      if (given == bytes.size()) return out;
      given = std::min(bytes.size(), given + step);
    }
    std::size_t used = 0;
    std::string_view data;
    const auto before = out.status;
    out.status = decoder.next(bytes.substr(out.consumed, given - out.consumed), used, data);
    if (used > given - out.consumed) std::abort();
    if (used == 0 && before == ChunkedDecoder::Status::data && out.status == ChunkedDecoder::Status::data)
      std::abort();
    out.consumed += used;
    out.body += data;
    if (out.status == ChunkedDecoder::Status::done || out.status == ChunkedDecoder::Status::bad) return out;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = decode(bytes, std::max<std::size_t>(size, 1));
  for (const std::size_t step : {1, 2, 7})
    if (!(decode(bytes, step) == whole)) std::abort();
  return 0;
}
