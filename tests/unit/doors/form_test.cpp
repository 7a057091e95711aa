#include "host/doors/form.hpp"

#include <gtest/gtest.h>

#include "postern/text.hpp"

namespace postern::doors {
namespace {

TEST(Form, ReadsFieldsAsBrowsersSendThem) {
  const auto form = parse_form("name=Jane+Miller&note=%E6%97%A5%E6%9C%AC&empty=&flag");
  ASSERT_TRUE(form);
  const Form want{{"name", "Jane Miller"}, {"note", "日本"}, {"empty", ""}, {"flag", ""}};
  EXPECT_EQ(*form, want);
}

TEST(Form, RefusesWhatIsMalformed) {
  for (const char* text : {"a=%", "a=%2", "a=%zz", "a=%00", "a=%ff", "a=%c0%af", "a=%ed%a0%80", "a=%f5%80%80%80", "%=a"})
    EXPECT_FALSE(parse_form(text)) << text;
}

TEST(Form, HasALimitOfFields) {
  std::string text;
  for (std::size_t i = 0; i < kMostFormFields; ++i) text += "a=1&";
  EXPECT_TRUE(parse_form(text));
  EXPECT_FALSE(parse_form(text + "b=2"));
}

TEST(Form, KnowsItsMediaType) {
  EXPECT_TRUE(is_form("application/x-www-form-urlencoded"));
  EXPECT_TRUE(is_form("Application/X-WWW-Form-Urlencoded ; charset=utf-8"));
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencodedx", "application/json"})
    EXPECT_FALSE(is_form(type)) << type;
}

TEST(Utf8, AcceptsEveryLengthAndRefusesTheForbiddenForms) {
  for (const char* text : {"", "a", "é", "日", "😀", "\xf4\x8f\xbf\xbf"}) EXPECT_TRUE(text::is_utf8(text)) << text;
  for (const char* text : {"\x80", "\xc3", "\xe6\x97", "\xf0\x9f\x98", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
    EXPECT_FALSE(text::is_utf8(text));
}

TEST(Segment, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(encode_segment("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(encode_segment("a/b ü?"), "a%2Fb%20%C3%BC%3F");
}

}  // namespace
}  // namespace postern::doors
