#include "host/plugins/manifest.hpp"

#include "host/plugins/pattern.hpp"
#include "host/plugins/settings_view.hpp"
#include "host/settings/load.hpp"
#include "tests/unit/plugins/test_plugins.hpp"

namespace postern::plugins {
namespace {

constexpr std::string_view kShare = R"(
id: share
version: 1.2.3
name: Share
summary: Shares documents.
needs: [links/1, documents/1]
languages: [en, ja]
routes:
  recipient:
    - {id: view, method: GET, pattern: ""}
    - {id: all, method: GET, pattern: documents/all}
    - {id: document, method: GET, pattern: "documents/{document}"}
    - {id: answer, method: POST, pattern: "documents/{document}", body_limit: 4 KiB}
  staff:
    - {id: list, method: GET, pattern: "", role: read-only}
    - {id: create, method: POST, pattern: ""}
    - {id: show, method: GET, pattern: "{share}", role: read-only}
    - {id: revoke, method: POST, pattern: "{share}/links/{link}/revoke", role: admin}
settings:
  expires: {type: duration, default: 14d, minimum: 1h, maximum: 90d, description: How long a link lives}
  reminders:
    type: map
    description: When to remind
    fields:
      every: {type: duration, default: 3d, description: Time between two}
      most: {type: integer, default: 2, minimum: 0, maximum: 5, description: How many}
  notify: {type: boolean, default: true, description: Tell the member}
  words: {type: list, items: {type: text}, default: [a, b], description: Words}
)";

Manifest share() {
  auto manifest = Manifest::parse(kShare, "manifest.yaml");
  EXPECT_TRUE(manifest.ok()) << (manifest.ok() ? "" : manifest.error().message);
  return *manifest;
}

std::string matched(Door door, std::string_view method, std::string_view path) {
  static const Manifest manifest = share();
  auto match = plugins::match(manifest, door, method, path);
  std::string out = match.route == nullptr ? "(" + match.allow + ")" : match.route->id;
  for (const auto& [name, value] : match.parameters) out += " " + name + "=" + value;
  return out;
}

TEST(Manifest, IsReadWithItsDefaults) {
  auto manifest = share();
  EXPECT_EQ(manifest.id, "share");
  EXPECT_EQ(manifest.version, "1.2.3");
  EXPECT_EQ(manifest.needs, (std::vector<std::string>{"links/1", "documents/1"}));
  EXPECT_EQ(manifest.languages, (std::vector<std::string>{"en", "ja"}));
  EXPECT_EQ(manifest.text, kShare);
  ASSERT_EQ(manifest.routes.size(), 8U);
  EXPECT_EQ(manifest.routes[0].body_limit, 64U * 1024);
  EXPECT_EQ(manifest.routes[3].body_limit, 4U * 1024);
  EXPECT_EQ(manifest.routes[4].role, Role::read_only);
  EXPECT_EQ(manifest.routes[5].role, Role::member);
  EXPECT_EQ(manifest.routes[7].role, Role::admin);
}

TEST(Manifest, MayBeThreeLinesLong) {
  auto manifest = Manifest::parse("id: tiny\nversion: 0.1.0\nname: Tiny\n", "manifest.yaml");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_TRUE(manifest->routes.empty());
  EXPECT_EQ(manifest->languages, std::vector<std::string>{"en"});
}

TEST(Manifest, RefusesHostileTexts) {
  for (std::string_view text :
       {"", "id", "[]", "id: share\nversion: 1.0.0\nname: Share\nroutes: [1]\n",
        "id: -a\nversion: 1.0.0\nname: A\n", "id: a-\nversion: 1.0.0\nname: A\n",
        "id: ../a\nversion: 1.0.0\nname: A\n", "id: a\nversion: 1..0\nname: A\n",
        "id: a\nversion: 1.0.0.0\nname: A\n", "id: a\nversion: 1.0.0\nname: \"\"\n",
        "id: a\nversion: 1.0.0\nname: &x A\n", "id: a\nversion: 1.0.0\nname: A\nneeds: [links/x]\n",
        "id: a\nversion: 1.0.0\nname: A\nneeds: [/1]\n", "id: a\nversion: 1.0.0\nname: A\nlanguages: []\n",
        "id: a\nversion: 1.0.0\nname: A\nsettings: 3\n",
        "id: a\nversion: 1.0.0\nname: A\nroutes: {hook: []}\n",
        "id: abcdefghijklmnopqrstuvwxyz0123456789\nversion: 1.0.0\nname: A\n"}) {
    EXPECT_FALSE(Manifest::parse(text, "manifest.yaml").ok()) << text;
  }
}

TEST(Match, FindsTheRouteAndItsParameters) {
  EXPECT_EQ(matched(Door::recipient, "GET", ""), "view");
  EXPECT_EQ(matched(Door::recipient, "GET", "/"), "view");
  EXPECT_EQ(matched(Door::recipient, "GET", "documents/7"), "document document=7");
  EXPECT_EQ(matched(Door::recipient, "POST", "documents/7"), "answer document=7");
  EXPECT_EQ(matched(Door::staff, "POST", "9/links/7/revoke"), "revoke link=7 share=9");
}

TEST(Match, LetsHeadMatchGet) {
  EXPECT_EQ(matched(Door::recipient, "HEAD", "documents/7"), "document document=7");
}

TEST(Match, PrefersLiteralSegmentsToParameters) {
  EXPECT_EQ(matched(Door::recipient, "GET", "documents/all"), "all");
}

TEST(Match, TellsWhichMethodsAPathHas) {
  EXPECT_EQ(matched(Door::recipient, "DELETE", "documents/7"), "(GET, HEAD, POST)");
  EXPECT_EQ(matched(Door::recipient, "POST", ""), "(GET, HEAD)");
  EXPECT_EQ(matched(Door::recipient, "POST", "documents/all"), "answer document=all");
}

TEST(Match, KnowsNoOtherPaths) {
  for (std::string_view path :
       {"documents", "documents/", "documents//", "documents/7/", "//", "Documents/7", "x/y/z"}) {
    EXPECT_EQ(matched(Door::recipient, "GET", path), "()") << path;
  }
  EXPECT_EQ(matched(Door::staff, "GET", "documents/7"), "()") << "the doors have routes of their own";
}

TEST(Pattern, RefusesHostileOnes) {
  for (std::string pattern :
       {"/",    "/a",      "a/",  "a//b",  ".",   "..",  "a/../b", "{",  "{}", "{A}", "{a}b",
        "a{b}", "{a}/{a}", "a b", "a%2fb", "a?b", "a#b", "a\\b",   "_a", "é",  "a\nb"}) {
    EXPECT_NE(pattern_mistake(pattern), "") << pattern;
  }
  EXPECT_NE(pattern_mistake(std::string(300, 'a')), "");
  EXPECT_NE(pattern_mistake("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"), "");
  for (std::string pattern : {"", "a", "{a}", "a/{b}/c", "a.b-c_d~e", "a/_b"})
    EXPECT_EQ(pattern_mistake(pattern), "") << pattern;
}

TEST(SettingsView, ShowsCheckedSettingsWithDefaults) {
  auto value = settings::parse_yaml("{expires: 2h, reminders: {most: 0}, words: [x]}", "firm.yaml");
  auto checked = settings::validate(*value, share().settings);
  ASSERT_TRUE(checked.ok());
  testing::FakeLog log;
  SettingsView view(checked.value, &log);
  EXPECT_EQ(view.integer("expires"), 2 * kHour);
  EXPECT_EQ(view.integer("reminders.every"), 3 * kDay);
  EXPECT_EQ(view.integer("reminders.most"), 0);
  EXPECT_TRUE(view.flag("notify"));
  EXPECT_EQ(view.json("words"), R"(["x"])");
  EXPECT_TRUE(log.lines().empty());
}

TEST(SettingsView, LogsAKeyThatTheManifestDoesNotDeclare) {
  testing::FakeLog log;
  SettingsView view(settings::validate(settings::Value(), share().settings).value, &log);
  EXPECT_EQ(view.text("expirse"), "");
  ASSERT_EQ(log.lines().size(), 1U);
  EXPECT_EQ(log.lines()[0].second, "the setting expirse is read, but manifest.yaml does not declare it");
}

TEST(Inspection, DescribesAPluginWithoutRunningIt) {
  auto inspection = inspect(test::path("hello.so"));
  ASSERT_TRUE(inspection.ok()) << inspection.error().message;
  EXPECT_EQ(inspection->manifest.id, "hello");
  EXPECT_EQ(inspection->sha256.size(), 64U);
  EXPECT_EQ(inspection->files.at("pages/view.html"), "<h1>{{greeting}}</h1>\n");
  EXPECT_EQ(inspection->files.size(), 3U);
  auto text = describe(*inspection);
  EXPECT_THAT(text, ::testing::StartsWith(
                        "hello 1.2.3: Hello. Answers every recipient and every member, and nothing else.\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("needs:     clock/1\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("an integer from 1 to 9, default 1: How often it says it\n"));
  EXPECT_THAT(text, ::testing::EndsWith("This host would load it.\n"));
  EXPECT_THAT(describe_json(*inspection), ::testing::HasSubstr(R"("path": "/l/{token}/greet/{name}")"));
}

TEST(Inspection, SaysWhyTheHostWouldRefuseAFile) {
  auto inspection = inspect(test::path("wrong_abi.so"));
  ASSERT_TRUE(inspection.ok());
  EXPECT_EQ(inspection->abi, 7U);
  EXPECT_THAT(describe(*inspection),
              ::testing::EndsWith("This host would refuse it: it has ABI 7, this host 1; rebuild it "
                                  "with the SDK of this host.\n"));
}

}  // namespace
}  // namespace postern::plugins
