// Value: what a tree gives back, where it says it stands, and its JSON.
#include "host/settings/value.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "host/settings/load.hpp"

namespace postern::settings {
namespace {

using Kind = Value::Kind;

Value yaml(const std::string& text) {
  auto value = parse_yaml(text, "a.yaml");
  EXPECT_TRUE(value.ok()) << (value.ok() ? "" : value.error().message);
  return value.ok() ? *value : Value();
}

TEST(Value, TypesPlainScalarsByTheCoreSchemaOfYaml12) {
  const auto value = yaml(
      "[null, ~, true, False, 12, -7, +7, 0o17, 0x1F, 1.5, -2e3, .5, no, yes, off, 12:30, 1.2.3, 0b11, "
      "1_000, .inf, "
      "9223372036854775807, 9223372036854775808, '12', \"true\", '', 010]");
  std::vector<std::string> kinds;
  for (const auto& entry : value.list()) kinds.emplace_back(name(entry.kind()));
  EXPECT_THAT(kinds, testing::ElementsAre("null", "null", "boolean", "boolean", "integer", "integer",
                                          "integer", "integer", "integer", "number", "number", "number",
                                          "text", "text", "text", "text", "text", "text", "text", "text",
                                          "integer", "number", "text", "text", "text", "integer"));
  EXPECT_EQ(value.list()[7].integer(), 15);
  EXPECT_EQ(value.list()[8].integer(), 31);
  EXPECT_EQ(value.list()[25].integer(), 10);  // no octal by a leading zero
  EXPECT_DOUBLE_EQ(value.list()[10].number(), -2000);
}

TEST(Value, NullReadsAsEmptyOfAnyKind) {
  const Value value = yaml("a: 1")["b"];
  EXPECT_TRUE(value.is_null());
  EXPECT_EQ(value.text(), "");
  EXPECT_EQ(value.integer(), 0);
  EXPECT_FALSE(value.boolean());
  EXPECT_TRUE(value.list().empty());
  EXPECT_TRUE(value["c"]["d"].is_null());
  EXPECT_EQ(value.line(), 0);
}

TEST(Value, AnotherKindIsABugThatNamesTheKey) {
  const Value value = yaml("a: {b: soon}");
  try {
    (void)value["a"]["b"].integer();
    FAIL() << "a text was read as an integer";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "setting a.b is text, read as integer");
  }
}

TEST(Value, KnowsItsPlaceAndKeyPath) {
  const Value value =
      yaml("# firm\nplugins:\n  share:\n    allow:\n      - links/1\n      - audit/1\n")["plugins"]["share"];
  const Value second = value["allow"].list()[1];
  EXPECT_EQ(second.path(), "plugins.share.allow[1]");
  EXPECT_EQ(second.file(), "a.yaml");
  EXPECT_EQ(second.line(), 6);
  EXPECT_EQ(second.column(), 9);
  EXPECT_EQ(value.line(), 4);
  EXPECT_EQ(value.key_line(), 3);
  EXPECT_EQ(value.key_column(), 3);
}

TEST(Value, CountsColumnsInCharacters) {
  const Value value = yaml("{会社: \"é\", 住所: x}");
  EXPECT_EQ(value["住所"].key_column(), 11);
  EXPECT_EQ(value["住所"].column(), 15);
}

TEST(Value, FindsByPathWhatPathNames) {
  const Value value = yaml("a:\n  - b: {c: 1}\n  - [2, {d: 3}]\nlink.expired: x\n");
  for (const std::string path : {"a[0].b.c", "a[1][0]", "a[1][1].d", "link.expired"}) {
    EXPECT_FALSE(value.at_path(path).is_null()) << path;
    EXPECT_EQ(value.at_path(path).path(), path);
  }
  for (const std::string path :
       {"a[2]", "a[x]", "a[", "a.b", "b", "link", "a[0].b.c.d", "a[18446744073709551616]"}) {
    EXPECT_TRUE(value.at_path(path).is_null()) << path;
  }
}

TEST(Value, KeepsTheOrderOfKeys) {
  std::vector<std::string> keys;
  const Value value = yaml("z: 1\na: 2\nm: 3");
  for (const auto& entry : value.map()) keys.push_back(entry.first);
  EXPECT_THAT(keys, testing::ElementsAre("z", "a", "m"));
}

TEST(Value, WritesJson) {
  EXPECT_EQ(yaml("a: [1, -2.5, true, ~, \"q\\\"\\\\\\n\\x01é\"]\n200: {b: no}\n").to_json(),
            R"({"a":[1,-2.5,true,null,"q\"\\\n\u0001é"],"200":{"b":"no"}})");
  EXPECT_EQ(Value().to_json(), "null");
}

TEST(Value, KeepsALiteralBlockAsText) {
  EXPECT_EQ(yaml("a: |\n  12\n").at_path("a").text(), "12\n");
  EXPECT_EQ(yaml("a: >-\n  one\n  two\n").at_path("a").text(), "one two");
}

TEST(Value, OutlivesTheTreeItCameFrom) {
  Value part;
  {
    const Value whole = yaml("a: {b: [kept]}");
    part = whole["a"]["b"];
  }
  EXPECT_EQ(part.list()[0].text(), "kept");
  EXPECT_EQ(part.path(), "a.b");
}

TEST(Value, IgnoresAByteOrderMarkAndCarriageReturns) {
  const Value value = yaml(
      "\xef\xbb\xbf"
      "a: 1\r\nb: two\r\n");
  EXPECT_EQ(value["a"].integer(), 1);
  EXPECT_EQ(value["b"].text(), "two");
  EXPECT_EQ(value["b"].line(), 2);
}

TEST(Value, AnEmptyFileIsNull) {
  EXPECT_TRUE(yaml("").is_null());
  EXPECT_TRUE(yaml("# only a comment\n").is_null());
}

}  // namespace
}  // namespace postern::settings
