#include "host/staff/text.hpp"

#include <gtest/gtest.h>

#include "host/staff/query.hpp"

namespace postern::staff {
namespace {

TEST(Times, AreWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(to_rfc3339({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339({1'767'225'600'123}), "2026-01-01T00:00:00.123Z");
  EXPECT_EQ(to_rfc3339({951'782'399'999}), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339({-1}), "1969-12-31T23:59:59.999Z");
}

TEST(Times, AreReadWithAnyOffsetAndFraction) {
  const std::pair<const char*, std::int64_t> table[] = {
      {"2026-01-01T00:00:00Z", 1'767'225'600'000},      {"2026-01-01t00:00:00z", 1'767'225'600'000},
      {"2026-01-01T01:30:00+01:30", 1'767'225'600'000}, {"2025-12-31T20:00:00-04:00", 1'767'225'600'000},
      {"2026-01-01T00:00:00.5Z", 1'767'225'600'500},    {"2026-01-01T00:00:00.123456789Z", 1'767'225'600'123},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000},      {"1969-12-31T23:59:59.999Z", -1},
  };
  for (const auto& [text, milliseconds] : table) {
    const auto time = from_rfc3339(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(time->ms, milliseconds) << text;
  }
}

TEST(Times, RefuseWhatIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-01-01",
                           "2026-01-01T00:00:00",
                           "2026-01-01 00:00:00Z",
                           "2026-02-30T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00+1:00",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00Zz",
                           "26-01-01T00:00:00Z",
                           "+2026-01-01T00:00:00Z",
                           " 2026-01-01T00:00:00Z",
                           "2026-01-01T00:00:00Z ",
                           "1767225600000"})
    EXPECT_FALSE(from_rfc3339(text).has_value()) << text;
}

TEST(Texts, AreCountedInCharactersAndRefusedWhenNotPlain) {
  EXPECT_EQ(plain_length(""), 0U);
  EXPECT_EQ(plain_length("Zoë 😀"), 5U);
  for (const std::string_view text :
       {std::string_view("a\nb"), std::string_view("a\0b", 3), std::string_view("\x7f"),
        std::string_view("\xc2\x85"), std::string_view("\xc3"), std::string_view("\xc0\xaf"),
        std::string_view("\xed\xa0\x80"), std::string_view("\xf4\x90\x80\x80"), std::string_view("\xff")})
    EXPECT_FALSE(plain_length(text).has_value());
}

TEST(Emails, AreJudgedAsABrowserWould) {
  for (const char* good : {"a@b", "ann.archer+tax@mail.acme.example", "o'neil@x-y.example"})
    EXPECT_TRUE(is_email(good)) << good;
  for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@-b", "a@b-", "a@b..c", "a@.b", "a@b.",
                          "ä@b", "a@b\n", "<a@b>"})
    EXPECT_FALSE(is_email(bad)) << bad;
  EXPECT_FALSE(is_email(std::string(65, 'a') + "@b.example"));
}

TEST(Queries, AreReadStrictly) {
  Query good("limit=7&email=a%2Bb%40c&note=x+y", "limit email note");
  EXPECT_EQ(good.paging().limit, 7);
  EXPECT_EQ(good.text("email"), "a+b@c");
  EXPECT_EQ(good.text("note"), "x y");
  EXPECT_FALSE(good.refusal().has_value());
  EXPECT_EQ(good.without_cursor(), "limit=7&email=a%2Bb%40c&note=x%20y");
  for (const char* raw :
       {"limit=0", "limit=201", "limit=x", "limit=", "limit=1&limit=2", "after=%", "after=%zz", "after=%00",
        "after=%ff", "after=!", "after=", "unknown=1", "=1", "limit=+1", "limit=99999999999999999999"}) {
    Query query(raw, "limit after");
    query.paging();
    EXPECT_TRUE(query.refusal().has_value()) << raw;
  }
}

}  // namespace
}  // namespace postern::staff
