// Schemas: defaults and units, parts of a file checked later, and schemas out of a plugin's manifest.
#include "host/settings/schema.hpp"

#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

using testing::ElementsAre;

Value yaml(const std::string& text, const std::string& file = "a.yaml") {
  auto value = parse_yaml(text, file);
  EXPECT_TRUE(value.ok()) << (value.ok() ? "" : value.error().message);
  return value.ok() ? *value : Value();
}

Schema manifest(const std::string& text) {
  auto schema = schema_from(yaml(text, "manifest.yaml"));
  EXPECT_TRUE(schema.ok()) << (schema.ok() ? "" : schema.error().message);
  return schema.ok() ? *schema : Schema();
}

std::string refusal(const std::string& text) {
  auto schema = schema_from(yaml(text, "manifest.yaml"));
  return schema.ok() ? "taken" : schema.error().message;
}

TEST(Schema, FillsDefaultsAndConvertsUnits) {
  const Schema schema{{
      duration("wait").by_default("15m"),
      size("most").by_default("3 GiB"),
      colour("accent").by_default("\"#FC0\""),
      list("hosts", "", host_name()),
      map("threads", "", {integer("action").by_default("8"), integer("io")}),
      map("smtp", "", {integer("port").by_default("587")}).optional(),
  }};
  auto loaded = load_text("hosts: [Links.Example.COM]\nsmtp: {}\n", "a.yaml", schema);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.problems);
  EXPECT_EQ(loaded.value.to_json(),
            R"({"wait":900000,"most":3221225472,"accent":"#ffcc00","hosts":["links.example.com"],)"
            R"("threads":{"action":8},"smtp":{"port":587}})");
  EXPECT_TRUE(loaded.value["threads"]["action"].is_default());
  EXPECT_FALSE(loaded.value["hosts"].is_default());
  EXPECT_TRUE(load_text("", "a.yaml", schema).value["smtp"].is_null());
}

TEST(Schema, ADefaultStandsWhereItsMapStands) {
  const Schema schema{{map("log", "", {text("level").by_default("info")})}};
  auto loaded = load_text("# first\nlog: {}\n", "a.yaml", schema);
  const Value level = loaded.value["log"]["level"];
  EXPECT_EQ(level.path(), "log.level");
  EXPECT_EQ(level.line(), 2);
  EXPECT_EQ(level.column(), 1);
}

TEST(Schema, AnEmptyKeyIsAnEmptyMapOrList) {
  const Schema schema{{map("a", "", {integer("b").by_default("1")}), list("c", "", text()),
                       map_of("d", "", "id", map("", "", {}))}};
  auto loaded = load_text("a:\nc:\nd:\n  x:\n", "a.yaml", schema);
  EXPECT_TRUE(loaded.ok()) << to_string(loaded.problems);
  EXPECT_EQ(loaded.value.to_json(), R"({"a":{"b":1},"d":{"x":{}}})");
}

TEST(Schema, ABadDefaultInCodeIsABug) {
  const Schema schema{{text("a").by_default("[")}};
  EXPECT_THROW((void)load_text("", "a.yaml", schema), std::logic_error);
}

TEST(Schema, FindsFieldsByPath) {
  const Schema schema{{map("a", "", {integer("b")})}};
  ASSERT_NE(schema.find("a.b"), nullptr);
  EXPECT_EQ(schema.find("a.b")->type, Type::integer);
  EXPECT_EQ(schema.find("a.c"), nullptr);
  EXPECT_EQ(schema.find("a.b.c"), nullptr);
  EXPECT_EQ(schema.find(""), nullptr);
}

TEST(Validate, ChecksAPartOfAFileWithThePlacesOfTheFile) {
  const Schema schema = manifest("expires_days: {type: integer, default: 30, minimum: 1, maximum: 365}\n");
  const Value file =
      yaml("plugins:\n  share:\n    settings:\n      expires_days: soon\n      expire_days: 3\n",
           "config/firms/demo.yaml");
  EXPECT_THAT(
      lines(validate(file.at_path("plugins.share.settings"), schema).problems),
      ElementsAre(
          "config/firms/demo.yaml:4:21: plugins.share.settings.expires_days: found \"soon\", want an integer "
          "from 1 to 365",
          "config/firms/demo.yaml:5:7: plugins.share.settings.expire_days: found an unknown key, want one of "
          "expires_days; did you mean \"expires_days\"?"));
}

TEST(Validate, NothingWrittenIsAllDefaults) {
  const Schema schema = manifest("expires_days: {type: integer, default: 30}\nnote: {type: text}\n");
  auto loaded = validate(Value(), schema);
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.value.at_path("expires_days").integer(), 30);
}

TEST(SchemaFrom, ReadsEveryTypeWithItsLimitsAndDefaults) {
  const Schema schema = manifest(R"(
greeting: {type: text, maximum: 5, default: hello}
expires: {type: duration, default: 30d, minimum: 1h, maximum: 365d, description: When links end}
largest: {type: size, default: 1 GiB, maximum: 3 GiB}
mode: {type: choice, choices: [open, closed], default: open}
api_key: {type: secret, required: true}
notify: {type: list, items: {type: email}, maximum: 2}
reminder:
  type: map
  fields:
    every: {type: duration, default: 2d}
    on: {type: boolean, default: false}
texts: {type: object, values: {type: text}}
)");
  auto loaded = validate(yaml("api_key: env:KEY\nnotify: [a@b.example]\ntexts: {x: y}\n"), schema);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.problems);
  EXPECT_EQ(loaded.value.to_json(),
            R"({"greeting":"hello","expires":2592000000,"largest":1073741824,"mode":"open","api_key":"***",)"
            R"("notify":["a@b.example"],"reminder":{"every":172800000,"on":false},"texts":{"x":"y"}})");
  EXPECT_EQ(schema.find("expires")->description, "When links end");
  EXPECT_THAT(
      lines(validate(yaml("greeting: hello!\nexpires: 5m\nlargest: 4 GiB\nnotify: [a, b@c.example, d]\n"),
                     schema)
                .problems),
      ElementsAre("a.yaml:1:1: api_key: found nothing, want a reference to a secret, file:PATH or env:NAME",
                  "a.yaml:1:11: greeting: found \"hello!\", want a text of at most 5 characters",
                  "a.yaml:2:10: expires: found \"5m\", want a duration from 1h to 365d",
                  "a.yaml:3:10: largest: found \"4 GiB\", want a size of at most 3 GiB",
                  "a.yaml:4:9: notify: found a list of 3 entries, want a list of at most 2 entries",
                  "a.yaml:4:10: notify[0]: found \"a\", want an email address such as ann@example.com",
                  "a.yaml:4:26: notify[2]: found \"d\", want an email address such as ann@example.com"));
}

TEST(SchemaFrom, NothingIsASchemaWithoutKeys) {
  auto schema = schema_from(Value());
  ASSERT_TRUE(schema.ok());
  EXPECT_THAT(lines(validate(yaml("a: 1"), *schema).problems),
              ElementsAre("a.yaml:1:1: a: found an unknown key, want no keys here"));
}

TEST(SchemaFrom, RefusesABrokenSchemaWithEveryMistake) {
  EXPECT_EQ(
      refusal("a: {type: number}\nb: {default: 1}\nc: 5\nD: {type: text}\n"),
      "manifest.yaml:1:11: a.type: found \"number\", want text, integer, boolean, list, map, duration, size, "
      "choice, "
      "email, url, host_name, colour, time_zone, language, path, secret, address or object\n"
      "manifest.yaml:2:1: b.type: found nothing, want text, integer, boolean, list, map, duration, size, "
      "choice, email, "
      "url, host_name, colour, time_zone, language, path, secret, address or object; What kind of value\n"
      "manifest.yaml:3:4: c: found 5, want a map with type, description, default\n"
      "manifest.yaml:4:1: D: found the key \"D\", want a key of lower-case letters, digits and underscores, "
      "a letter "
      "first, at most 40");
  EXPECT_EQ(refusal("- a\n"), "manifest.yaml:1:1: found a list, want a map of keys and their fields");
}

TEST(SchemaFrom, RefusesADefaultThatItsOwnFieldRefuses) {
  EXPECT_EQ(refusal("days: {type: integer, minimum: 1, default: 0}"),
            "manifest.yaml:1:44: days.default: found 0, want an integer of at least 1");
  EXPECT_EQ(refusal("key: {type: secret, default: hunter2}"),
            "manifest.yaml:1:30: key.default: found a secret written out, want a reference to a secret, "
            "file:PATH or env:NAME");
  EXPECT_EQ(refusal("a: {type: map, fields: {b: {type: duration}}, default: {b: 5}}"),
            "manifest.yaml:1:60: a.default.b: found 5, want a duration such as 30d, 12h, 15m, 90s or 250ms; "
            "add a unit: ms, "
            "s, m, h or d");
}

TEST(SchemaFrom, RefusesShapesThatDoNotFitTheType) {
  EXPECT_EQ(refusal("a: {type: list}"),
            "manifest.yaml:1:4: a: found a list of unknown entries, want items: the field of its entries");
  EXPECT_EQ(refusal("a: {type: map}"),
            "manifest.yaml:1:4: a: found a map with neither, want either fields or values");
  EXPECT_EQ(refusal("a: {type: choice}"),
            "manifest.yaml:1:4: a: found a choice of nothing, want choices: a list of texts");
  EXPECT_EQ(refusal("a: {type: text, choices: [x]}"),
            "manifest.yaml:1:26: a.choices: found them, want no choices here; only a choice has them");
  EXPECT_EQ(refusal("a: {type: boolean, minimum: 1}"),
            "manifest.yaml:1:29: a.minimum: found 1, want no limit here; a boolean has none");
  EXPECT_EQ(refusal("a: {type: duration, minimum: 1}"),
            "manifest.yaml:1:30: a.minimum: found 1, want a duration such as 30d, 12h, 15m, 90s or 250ms; "
            "add a unit: ms, s, "
            "m, h or d");
  EXPECT_EQ(refusal("a: {type: integer, minimum: 5, maximum: 1}"),
            "manifest.yaml:1:41: a.maximum: found 1, want one not under minimum");
}

}  // namespace
}  // namespace postern::settings
