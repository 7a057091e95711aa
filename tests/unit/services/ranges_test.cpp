// Range fields, entity tags and dates, each against the rule of RFC 9110 it stands for.
#include "host/services/ranges.hpp"

#include <gtest/gtest.h>

namespace postern::services {
namespace {

struct RangeCase {
  std::string_view field;
  std::int64_t bytes;
  std::string_view wanted;  // "whole", "416", or ranges as first-last
};

std::string described(const RangeAnswer& answer) {
  if (answer.kind == RangeAnswer::Kind::whole) return "whole";
  if (answer.kind == RangeAnswer::Kind::unsatisfiable) return "416";
  std::string text;
  for (const ByteRange& range : answer.ranges)
    text += (text.empty() ? "" : " ") + std::to_string(range.offset) + "-" +
            std::to_string(range.offset + range.length - 1);
  return text;
}

constexpr RangeCase kRanges[] = {
    // one range
    {"bytes=0-0", 100, "0-0"},
    {"bytes=0-99", 100, "0-99"},
    {"bytes=0-100", 100, "0-99"},
    {"bytes=10-19", 100, "10-19"},
    {"bytes=99-99", 100, "99-99"},
    {"bytes=0-", 100, "0-99"},
    {"bytes=50-", 100, "50-99"},
    {"bytes=99-", 100, "99-99"},
    {"bytes=-1", 100, "99-99"},
    {"bytes=-100", 100, "0-99"},
    {"bytes=-1000", 100, "0-99"},
    {"bytes=00010-00019", 100, "10-19"},
    {"BYTES=1-2", 100, "1-2"},
    {"Bytes=1-2", 100, "1-2"},
    {"bytes= 1-2", 100, "1-2"},
    {"bytes=1-2 \t", 100, "1-2"},
    // too large for a number
    {"bytes=0-99999999999999999999999999", 100, "0-99"},
    {"bytes=-99999999999999999999999999", 100, "0-99"},
    {"bytes=99999999999999999999999999-", 100, "416"},
    {"bytes=9223372036854775806-9223372036854775807", 100, "416"},
    {"bytes=1-18446744073709551616", 100, "1-99"},
    // beyond the end
    {"bytes=100-", 100, "416"},
    {"bytes=100-200", 100, "416"},
    {"bytes=-0", 100, "416"},
    {"bytes=200-300,-0", 100, "416"},
    {"bytes=200-300,5-6", 100, "5-6"},
    // several
    {"bytes=0-1,4-5", 100, "0-1 4-5"},
    {"bytes=4-5,0-1", 100, "4-5 0-1"},
    {"bytes=0-1, 4-5 ,\t8-9", 100, "0-1 4-5 8-9"},
    {"bytes=,0-1,,4-5,", 100, "0-1 4-5"},
    {"bytes=0-4,-5", 100, "0-4 95-99"},
    {"bytes=0-9,5-14", 100, "0-14"},
    {"bytes=5-14,0-9", 100, "0-14"},
    {"bytes=0-9,10-19", 100, "0-19"},
    {"bytes=0-9,11-19", 100, "0-9 11-19"},
    {"bytes=0-9,0-9,0-9", 100, "0-9"},
    {"bytes=0-1,10-11,1-10", 100, "0-11"},
    {"bytes=50-59,0-9,20-29,5-25", 100, "50-59 0-29"},
    {"bytes=0-,0-,0-", 100, "0-99"},
    {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30", 100,
     "0-0 2-2 4-4 6-6 8-8 10-10 12-12 14-14 16-16 18-18 20-20 22-22 24-24 26-26 28-28 30-30"},
    {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30,32-32", 100,
     "whole"},
    // malformed, and so ignored
    {"", 100, "whole"},
    {"bytes", 100, "whole"},
    {"bytes=", 100, "whole"},
    {"bytes=,", 100, "whole"},
    {"bytes=-", 100, "whole"},
    {"bytes=--1", 100, "whole"},
    {"bytes=1", 100, "whole"},
    {"bytes=2-1", 100, "whole"},
    {"bytes=0-1,2-1", 100, "whole"},
    {"bytes=a-b", 100, "whole"},
    {"bytes=1-2-3", 100, "whole"},
    {"bytes=+1-2", 100, "whole"},
    {"bytes=1 -2", 100, "whole"},
    {"bytes=0x1-0x2", 100, "whole"},
    {"bytes=1.0-2", 100, "whole"},
    {"bytes =1-2", 100, "whole"},
    {" bytes=1-2", 100, "whole"},
    {"bytes:1-2", 100, "whole"},
    {"bytes=0-1;4-5", 100, "whole"},
    {"bytes=0-1, bytes=4-5", 100, "whole"},
    {"items=0-1", 100, "whole"},
    {"byte=0-1", 100, "whole"},
    {"bytess=0-1", 100, "whole"},
    {"bytes=\xd9\xa1-\xd9\xa2", 100, "whole"},
    // an empty content
    {"bytes=0-", 0, "416"},
    {"bytes=0-0", 0, "416"},
    {"bytes=-1", 0, "whole"},
    {"bytes=-0", 0, "416"},
    // a large one
    {"bytes=5000000000-5000000001", 6'000'000'000, "5000000000-5000000001"},
    {"bytes=-1", 6'000'000'000, "5999999999-5999999999"},
};

TEST(Ranges, AnswerAsTheTableSays) {
  for (const auto& [field, bytes, wanted] : kRanges)
    EXPECT_EQ(described(parse_ranges(field, bytes)), wanted) << field << " of " << bytes;
}

TEST(Ranges, NameTheirPlace) {
  EXPECT_EQ(content_range({0, 1}, 100), "bytes 0-0/100");
  EXPECT_EQ(content_range({5'000'000'000, 10}, 6'000'000'000), "bytes 5000000000-5000000009/6000000000");
}

TEST(Etags, CompareStronglyAndWeakly) {
  struct Case {
    std::string_view list;
    bool strong, weak;
  };
  constexpr Case kCases[] = {
      {"*", true, true},
      {" * ", true, true},
      {"\"a\"", true, true},
      {"W/\"a\"", false, true},
      {"\"b\"", false, false},
      {"\"b\", \"a\"", true, true},
      {"\"b\",\"a\",\"c\"", true, true},
      {"\"b\" , W/\"a\"", false, true},
      {",, \"a\" ,", true, true},
      {"\"x,\"a\"", false, false},
      {"\"b, \\\"a\"", false, false},
      {"a", false, false},
      {"\"a", false, false},
      {"\"a\" \"b\"", false, false},
      {"\"a\"x", false, false},
      {"w/\"a\"", false, false},
      {"W/ \"a\"", false, false},
      {"\"A\"", false, false},
      {"*, \"b\"", false, false},
      {"", false, false},
  };
  for (const auto& [list, strong, weak] : kCases) {
    EXPECT_EQ(names_etag(list, "\"a\"", Comparison::strong), strong) << list;
    EXPECT_EQ(names_etag(list, "\"a\"", Comparison::weak), weak) << list;
  }
}

TEST(HttpDates, AreReadInAllThreeForms) {
  for (const std::string_view text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_EQ(parse_http_date(text), 784'111'777) << text;
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 23:59:60 GMT"), 1'709'251'200);
  EXPECT_EQ(parse_http_date("Sun Nov 16 08:49:37 1994"), 784'975'777);
  EXPECT_EQ(parse_http_date("Friday, 01-Jan-27 00:00:00 GMT"), 1'798'761'600);
}

TEST(HttpDates, ThatAreNoneAreIgnored) {
  for (const std::string_view text :
       {"", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt", "Sun, 06 Nov 199 08:49:37 GMT", "1994-11-06T08:49:37Z", "784111777",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Son, 06 Nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(HttpDates, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(http_date({784'111'777'000}), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date({784'111'777'999}), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date({0}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date({1'709'210'096'000}), "Thu, 29 Feb 2024 12:34:56 GMT");
  for (std::int64_t second = 0; second < 4'000'000'000; second += 86'399 * 97)
    EXPECT_EQ(parse_http_date(http_date({second * 1000})), second);
}

}  // namespace
}  // namespace postern::services
