// The reader of page values takes what RFC 8259 takes, and nothing else; nlohmann's parser is the judge.
#include "host/services/pages_values.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace postern::services {
namespace {

using Json = nlohmann::json;

Json as_json(const PageValues& tree, const PageValue& value) {
  switch (value.kind) {
    case PageValue::Kind::null:
      return nullptr;
    case PageValue::Kind::no:
      return false;
    case PageValue::Kind::yes:
      return true;
    case PageValue::Kind::integer:
      return value.integer;
    case PageValue::Kind::decimal:
      return Json::parse(value.text);
    case PageValue::Kind::text:
      return std::string(value.text);
    case PageValue::Kind::list: {
      Json list = Json::array();
      for (const auto* item = tree.first(value); item != nullptr; item = tree.next(value, *item))
        list.push_back(as_json(tree, *item));
      return list;
    }
    case PageValue::Kind::object:
      break;
  }
  Json object = Json::object();
  for (const auto* item = tree.first(value); item != nullptr; item = tree.next(value, *item))
    object[std::string(item->key)] = as_json(tree, *item);
  return object;
}

void agree(const std::string& text) {
  const auto ours = PageValues::parse(text);
  const auto theirs = Json::parse(text, nullptr, false);
  ASSERT_EQ(ours.has_value(), theirs.is_object()) << text;
  if (ours) {
    EXPECT_EQ(as_json(*ours, ours->root()), theirs) << text;
  }
}

TEST(PageValues, AgreeWithAnotherReader) {
  for (const char* text : {"{}",
                           " { } ",
                           R"({"a":1})",
                           R"({"a":-0,"b":0,"c":-12})",
                           R"({"a":[1,[2,[]],{"b":[{}]}],"c":"d"})",
                           R"({"a":1.5e3,"b":1E-2,"c":0.0})",
                           R"({"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83e\udd8a"})",
                           "{\"\\u0061\":\"é€🦊\"}",
                           R"({"a":true,"b":false,"c":null})",
                           R"({"a":1,"a":2})",
                           R"({"n":9223372036854775807,"m":-9223372036854775808})",
                           "",
                           "[]",
                           "1",
                           "null",
                           "\"x\"",
                           "{",
                           "}",
                           "{]",
                           R"({"a"})",
                           R"({"a":})",
                           R"({a:1})",
                           R"({'a':1})",
                           R"({"a":01})",
                           R"({"a":+1})",
                           R"({"a":1.})",
                           R"({"a":.5})",
                           R"({"a":1e})",
                           R"({"a":tru})",
                           R"({"a":nul})",
                           R"({"a":NaN})",
                           R"({"a":1,})",
                           R"({"a":[1,]})",
                           R"({,})",
                           R"({"a":"x)",
                           R"({"a":"\x"})",
                           R"({"a":"\u12"})",
                           R"({"a":"\u12g4"})",
                           R"({"a":"\ud800"})",
                           R"({"a":"\udc00"})",
                           R"({"a":"\ud800\u0041"})",
                           "{\"a\":\"line\nbreak\"}",
                           "{\"a\":\"\x01\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\xc0\x80\"}",
                           "{\"a\":\"\xed\xa0\x80\"}",
                           "{\"a\":\"\xf4\x90\x80\x80\"}",
                           "{\"a\":\"\xe2\x82\"}",
                           "{\"a\":1} x",
                           "{\"a\":1}{}",
                           "\xef\xbb\xbf{",
                           R"({"a":"\u-123"})",
                           R"({"a":-})"})
    agree(text);
}

TEST(PageValues, AgreeWithAnotherReaderOnDamagedTexts) {
  const std::string whole =
      R"({"who":"Ana \"R\" \u20ac","n":[1,-2.5e1,{"x":null,"y":[true,false]}],"é":"🦊\n"})";
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    auto text = whole;
    const auto at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, random() % 4);
        break;
      case 2:
        text.insert(at, 1, "\"\\{}[],:0e-u"[random() % 12]);
        break;
      default:
        text.resize(at);
        break;
    }
    if (!text.starts_with("\xef\xbb\xbf")) agree(text);
    if (HasFatalFailure()) return;
  }
}

TEST(PageValues, StopAt32Levels) {
  const auto nested = [](int levels) {
    const std::string text = "{\"a\":";
    return text + std::string(static_cast<std::size_t>(levels - 1), '[') +
           std::string(static_cast<std::size_t>(levels - 1), ']') + "}";
  };
  EXPECT_TRUE(PageValues::parse(nested(32)));
  EXPECT_FALSE(PageValues::parse(nested(40)));
  EXPECT_FALSE(PageValues::parse(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace postern::services
