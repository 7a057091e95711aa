// Range fields, entity tags, dates and file names as strangers send them. Build with clang and
// -fsanitize=fuzzer. The first byte picks the parser, the next two are the content's length, the rest is the
// text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/services/documents.hpp"
#include "host/services/names.hpp"
#include "host/services/ranges.hpp"

namespace {

using namespace postern;
using namespace postern::services;

void require(bool holds) {
  if (!holds) std::abort();
}

void try_ranges(std::string_view text, std::int64_t bytes) {
  const RangeAnswer answer = parse_ranges(text, bytes);
  require((answer.kind == RangeAnswer::Kind::partial) == !answer.ranges.empty());
  require(answer.ranges.size() <= kRangeLimit);
  std::int64_t total = 0;
  for (const ByteRange& range : answer.ranges) {
    require(range.offset >= 0 && range.length > 0 && range.offset + range.length <= bytes);
    total += range.length;
  }
  require(total <= bytes);  // never more than the content: they are joined
}

void try_names(std::string_view text) {
  const std::string clean = clean_name(text);
  require(!clean.empty() && clean.size() <= kNameLimit && is_utf8(clean) && clean_name(clean) == clean);
  require(clean.find_first_of(std::string_view("/\\\"\r\n\0", 6)) == std::string::npos);
  for (const char c : content_disposition(text, Disposition::attachment)) require(c >= 0x20 && c < 0x7F);
  require(is_utf8(valid_text(text, kOriginalNameLimit)));
  if (is_email(text)) require(text.find_first_of(" \r\n,;<>") == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
  switch (data[0] % 4) {
    case 0:
      try_ranges(text, data[1] * 256 + data[2]);
      break;
    case 1:
      names_etag(text, "\"a\"", data[1] % 2 == 0 ? Comparison::strong : Comparison::weak);
      break;
    case 2:
      if (const auto seconds = parse_http_date(text))
        require(parse_http_date(http_date({*seconds * 1000})) == seconds);
      break;
    default:
      try_names(text);
  }
  return 0;
}
