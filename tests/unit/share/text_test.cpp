#include "text.hpp"

#include <gtest/gtest.h>

namespace postern::share {
namespace {

TEST(Time, IsReadWithItsOffset) {
  EXPECT_EQ(from_rfc3339("1970-01-01T00:00:00Z")->ms, 0);
  EXPECT_EQ(from_rfc3339("1970-01-01t01:00:00.25+01:00")->ms, 250);
  EXPECT_EQ(from_rfc3339("2026-12-31T18:00:00+01:00"), from_rfc3339("2026-12-31T17:00:00Z"));
  EXPECT_EQ(from_rfc3339("2024-02-29T00:00:00Z")->ms, 1709164800000);
  EXPECT_EQ(to_rfc3339({1709164800123}), "2024-02-29T00:00:00.123Z");
}

TEST(Time, ThatIsNoneIsRefused) {
  for (const char* text : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01 00:00:00Z",
                           "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00",
                           "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zz", "26-01-01T00:00:00Z"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

TEST(Email, IsOnePlainAddress) {
  for (const char* text : {"a@b", "jane.o'neil+tag@mail.example.com", "x@1.example"})
    EXPECT_TRUE(is_email(text)) << text;
  for (const char* text : {"", "@b", "a@", "a b@c", "a@b..c", "a@-b", "a@b-", "a@b,c@d", "Jane <a@b>",
                           "a@b\r\nBcc: c@d", "ä@b", "a@b c"})
    EXPECT_FALSE(is_email(text)) << text;
  EXPECT_FALSE(is_email(std::string(65, 'a') + "@b.example"));
  EXPECT_FALSE(is_email("a@" + std::string(64, 'b')));
}

TEST(Text, CountsCodePointsAndRefusesWhatMisleads) {
  EXPECT_EQ(characters("日本語", Lines::one), 3U);
  EXPECT_EQ(characters("two\nlines\tand a tab", Lines::many), 19U);
  EXPECT_FALSE(characters("two\nlines", Lines::one));
  EXPECT_FALSE(characters("bell\a", Lines::many));
  EXPECT_FALSE(characters("\xff", Lines::many));
  EXPECT_FALSE(characters("\xc0\xaf", Lines::many));
  EXPECT_FALSE(characters("\xed\xa0\x80", Lines::many));
  EXPECT_FALSE(characters("gpj.\u202Eexe", Lines::many));
  EXPECT_EQ(tidied("  a\r\nb \n"), "a\nb");
}

TEST(Tags, OfLanguagesAndPhonesHaveTheirForm) {
  for (const char* text : {"en", "ja", "pt-BR", "zh-Hant-TW"}) EXPECT_TRUE(is_language(text)) << text;
  for (const char* text : {"", "e", "en_US", "en-", "-en", "1a", "englishlanguage"})
    EXPECT_FALSE(is_language(text)) << text;
  EXPECT_TRUE(is_phone("+34910000000"));
  for (const char* text : {"", "910000000", "+0910000000", "+34 910", "+123456", "+1234567890123456"})
    EXPECT_FALSE(is_phone(text)) << text;
}

TEST(Id, SortsByTimeAndHasTheFormOfUuid7) {
  const std::string a = uuid7({1767258000000}, "0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(is_id(a)) << a;
  EXPECT_EQ(a[14], '7');
  EXPECT_NE(std::string("89ab").find(a[19]), std::string::npos);
  EXPECT_LT(a, uuid7({1767258000001}, "00000000000000000000000000000000"));
}

}  // namespace
}  // namespace postern::share
