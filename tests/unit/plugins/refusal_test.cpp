// Every refusal, word by word: plugin's file, what differs (theirs, ours), what to do.
#include "host/plugins/note.hpp"
#include "tests/unit/plugins/test_plugins.hpp"

namespace postern::plugins {
namespace {

using test::refusal;

std::string our_compiler() { return std::string(text_of(abi::this_toolchain().compiler)); }
std::string our_libstdcxx() { return std::to_string(abi::this_toolchain().libstdcxx); }

/// The sentence with which an instance is refused, and what the plugin wrote to its log.
struct Started {
  std::string refusal;
  std::string log;
};

Started start(const std::string& name) {
  Started result;
  auto library = test::load(name);
  if (!library.ok()) return {library.error().message, ""};
  testing::FakeHost host;
  auto instance = Instance::start(*library, host, host.settings);
  if (!instance.ok()) result.refusal = instance.error().message;
  for (const auto& line : host.log.lines()) result.log += (result.log.empty() ? "" : " ") + line.second;
  return result;
}

TEST(Refusal, LetsThePlainPluginIn) { EXPECT_EQ(refusal("plain.so"), "loaded"); }

TEST(Refusal, NamesWhatIsWrongWithTheDescriptor) {
  EXPECT_EQ(refusal("wrong_magic.so"),
            "refused wrong_magic.so: its postern_plugin does not begin with \"Postern\"; export it with "
            "POSTERN_PLUGIN(...)");
  EXPECT_EQ(refusal("wrong_abi.so"),
            "refused wrong_abi.so: it has ABI 7, this host 1; rebuild it with the SDK of this host");
  EXPECT_EQ(refusal("short_descriptor.so"),
            "refused short_descriptor.so: its descriptor has 16 bytes, this host wants at least 208; rebuild "
            "it with the "
            "SDK of this host");
  EXPECT_EQ(
      refusal("no_step.so"),
      "refused no_step.so: its descriptor lacks a step of the lifecycle; export it with POSTERN_PLUGIN(...)");
}

TEST(Refusal, NamesTheFieldOfTheToolchainThatDiffersAndBothValues) {
  EXPECT_EQ(refusal("old_strings.so"),
            "refused old_strings.so: it is built with _GLIBCXX_USE_CXX11_ABI=0 (g++ 99), this host with 1 (" +
                our_compiler() + "); rebuild it without -D_GLIBCXX_USE_CXX11_ABI");
  EXPECT_EQ(
      refusal("debug_containers.so"),
      "refused debug_containers.so: it is built with sizeof(std::vector)=56 (g++ 99), this host with 24 (" +
          our_compiler() + "); rebuild it without -D_GLIBCXX_DEBUG");
  EXPECT_EQ(refusal("other_libstdcxx.so"),
            "refused other_libstdcxx.so: it is built with libstdc++ 99 (g++ 99), this host with " +
                our_libstdcxx() + " (" + our_compiler() + "); rebuild it with the compiler of this host");
}

TEST(Refusal, WantsDescriptorAndManifestToAgree) {
  EXPECT_EQ(refusal("other_id.so"),
            "refused other_id.so: its descriptor has the id other, its manifest bad; rebuild it with "
            "postern_add_plugin()");
  EXPECT_EQ(
      refusal("other_version.so"),
      "refused other_version.so: its descriptor has the version 2.0.0, its manifest 1.0.0; rebuild it with "
      "postern_add_plugin()");
}

TEST(Refusal, WantsOneExportAndNoSharedSymbol) {
  EXPECT_EQ(refusal("no_note.so"),
            "refused no_note.so: it has no note named .note.postern; build it with postern_add_plugin(), "
            "which embeds "
            "manifest.yaml");
  EXPECT_EQ(refusal("no_export.so"),
            "refused no_export.so: it exports nothing, this host wants postern_plugin alone; add "
            "POSTERN_PLUGIN(...) and "
            "build it with postern_add_plugin()");
  EXPECT_EQ(refusal("two_exports.so"),
            "refused two_exports.so: it exports 2 symbols (postern_plugin, helper), this host wants "
            "postern_plugin alone; "
            "add POSTERN_PLUGIN(...) and build it with postern_add_plugin()");
}

#ifndef __clang__
TEST(Refusal, RefusesASymbolThatTwoPluginsWouldShare) {
  EXPECT_EQ(refusal("unique.so"),
            "refused unique.so: it has the unique symbol _ZZ13shared_by_allIiERT_vE5value, which two plugins "
            "would share; "
            "build it with -fno-gnu-unique, as postern_add_plugin() does");
}
#endif

TEST(Refusal, NamesAMissingSymbol) {
  EXPECT_EQ(refusal("undefined.so"),
            "refused undefined.so: it needs the symbol nobody_defines_this, which neither it nor this host "
            "has; link it "
            "with -Wl,-z,defs, as postern_add_plugin() does, to see what is missing");
}

TEST(Refusal, NamesAServiceThisHostDoesNotOffer) {
  EXPECT_EQ(refusal("unknown_service.so"),
            "refused unknown_service.so: it needs teleport/3, this host offers audit/1, clock/1, database/1, "
            "documents/1, "
            "links/1, log/1, notifier/1, pages/1, random/1; take it out of needs or upgrade the host");
}

TEST(Refusal, GivesThePlaceOfEveryMistakeInAManifest) {
  EXPECT_EQ(refusal("manifest_duplicate_key.so"),
            "refused manifest_duplicate_key.so: its manifest is wrong: manifest.yaml:4:1: id: found the key "
            "a second "
            "time, want it once; the first is on line 1");
  EXPECT_EQ(refusal("manifest_unknown_key.so"),
            "refused manifest_unknown_key.so: its manifest is wrong: manifest.yaml:4:1: language: found an "
            "unknown key, "
            "want one of id, version, name, summary, needs, languages, routes, settings; did you mean "
            "\"languages\"?");
  EXPECT_EQ(refusal("manifest_reserved_id.so"),
            "refused manifest_reserved_id.so: its manifest is wrong: manifest.yaml:1:5: id: found "
            "\"accounts\", want an "
            "id that is not one of the host's own words; name it after the action");
  EXPECT_EQ(
      refusal("manifest_several_mistakes.so"),
      "refused manifest_several_mistakes.so: its manifest is wrong:\n"
      "manifest.yaml:1:1: name: found nothing, want a text of 1 to 60 characters; Name for people\n"
      "manifest.yaml:1:5: id: found \"Bad Plugin\", want lower-case letters, digits and '-', beginning with "
      "a "
      "letter, at most 32\n"
      "manifest.yaml:2:10: version: found 1.0, want a text; write it in quotes: \"1.0\"\n"
      "manifest.yaml:3:9: needs[0]: found \"links\", want a service and its revision, as in links/1\n"
      "manifest.yaml:6:26: routes.recipient[0].method: found \"LOOK\", want GET, POST, PUT, PATCH or DELETE\n"
      "manifest.yaml:6:41: routes.recipient[0].pattern: found \"/a//b\", want segments of letters, digits "
      "and -._~ "
      "or a {name}, with '/' between them only");
  EXPECT_THAT(refusal("manifest_not_yaml.so"),
              ::testing::StartsWith("refused manifest_not_yaml.so: its manifest is wrong:\n"));
  EXPECT_THAT(refusal("manifest_not_yaml.so"), ::testing::HasSubstr("manifest.yaml:3:1: "));
}

TEST(Refusal, RefusesRoutesThatMatchTheSamePaths) {
  EXPECT_EQ(refusal("manifest_duplicate_routes.so"),
            "refused manifest_duplicate_routes.so: its manifest is wrong:\n"
            "manifest.yaml:7:40: routes.staff[1].pattern: found \"{document}/links\", want a pattern that no "
            "other GET "
            "route of this door matches; remove one of the two\n"
            "manifest.yaml:8:12: routes.staff[2].id: found \"show\", want an id that no other route of this "
            "door has; "
            "rename one of the two");
  EXPECT_EQ(
      refusal("manifest_hostile_pattern.so"),
      "refused manifest_hostile_pattern.so: its manifest is wrong:\n"
      "manifest.yaml:6:38: routes.recipient[0].pattern: found \"../{x}\", want segments of letters, digits "
      "and "
      "-._~ or a {name}, with '/' between them only\n"
      "manifest.yaml:7:41: routes.recipient[1].pattern: found \"{x}/{x}\", want parameters with different "
      "names\n"
      "manifest.yaml:8:40: routes.recipient[2].pattern: found \"_document\", want a first segment without a "
      "leading "
      "'_', which marks the host's own paths\n"
      "manifest.yaml:9:58: routes.recipient[3].body_limit: found \"1 GiB\", want a size from 0 B to 16 MiB");
}

TEST(Refusal, RefusesASettingOfAnUnknownType) {
  EXPECT_THAT(
      refusal("manifest_unknown_type.so"),
      ::testing::StartsWith("refused manifest_unknown_type.so: its manifest is wrong: manifest.yaml:5:18: "
                            "settings.colour.type: found \"rainbow\", want text, integer,"));
}

TEST(Refusal, NamesTheDoorThatAManifestPromisesAndThePluginLacks) {
  EXPECT_EQ(start("no_door.so").refusal,
            "refused bad: its manifest has the recipient route view, but the plugin does not open that door; "
            "derive it "
            "from RecipientDoor");
}

TEST(Refusal, FencesEveryStepThatThrows) {
  EXPECT_EQ(start("throws_in_create.so").refusal, "refused bad: create: threw: no luck in create");
  auto configure = start("throws_in_configure.so");
  EXPECT_EQ(configure.refusal, "refused bad: configure: threw: no luck in configure");
  EXPECT_EQ(configure.log, "configure") << "what was never started is not stopped";
}

TEST(Refusal, StopsAPluginWhoseStartFailed) {
  auto thrown = start("throws_in_start.so");
  EXPECT_EQ(thrown.refusal, "refused bad: start: threw: no luck in start");
  EXPECT_EQ(thrown.log, "configure start drain stop");
  auto odd = start("throws_int_in_start.so");
  EXPECT_EQ(odd.refusal, "refused bad: start: threw: something that is not a std::exception");
  EXPECT_EQ(odd.log, "configure start drain stop");
  auto failed = start("fails_in_start.so");
  EXPECT_EQ(failed.refusal, "refused bad: start: the provider does not answer; try again later");
  EXPECT_EQ(failed.log, "configure start drain stop");
}

TEST(Refusal, BlamesAPluginThatFailsWithoutAWord) {
  EXPECT_EQ(start("fails_silently.so").refusal,
            "refused bad: start: it failed without saying why, which is a bug of the plugin");
}

TEST(Refusal, NamesEveryServiceTheFirmDoesNotGrant) {
  auto library = test::load("greedy.so");
  ASSERT_TRUE(library.ok());
  auto granted = check_grants((*library)->manifest(), {"documents/1"});
  ASSERT_FALSE(granted.ok());
  EXPECT_EQ(granted.error().code, Code::forbidden);
  EXPECT_EQ(granted.error().message,
            "refused bad: it needs links/1, notifier/1, this firm's YAML does not allow it; add links/1, "
            "notifier/1 to "
            "plugins.bad.allow, or leave the plugin out");
  EXPECT_TRUE(check_grants((*library)->manifest(), {"documents/1", "links/1", "notifier/1"}).ok());
}

TEST(Refusal, RefusesTwoPluginsWithOneId) {
  auto plain = test::load("plain.so"), greedy = test::load("greedy.so"), hello = test::load("hello.so");
  EXPECT_TRUE(check_together({&(*plain)->manifest(), &(*hello)->manifest()}).ok());
  auto clash = check_together({&(*plain)->manifest(), &(*greedy)->manifest()});
  ASSERT_FALSE(clash.ok());
  EXPECT_EQ(clash.error().message,
            "refused bad: two files have this id, and would answer the same paths; remove one of them");
}

}  // namespace
}  // namespace postern::plugins
