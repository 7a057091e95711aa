// The limits of the reader: hostile files end soon, with one sentence.
#include <chrono>

#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

using testing::ElementsAre;

std::vector<std::string> said(const std::string& yaml) {
  return lines(load_untyped(yaml, "a.yaml").problems);
}

// Not inlined: g++ 12 warns of a false overrun when it sees the length.
[[gnu::noinline]] std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Limits, TakeThirtyTwoLevelsAndNoMore) {
  EXPECT_THAT(said(repeat("[", 32) + repeat("]", 32)), ElementsAre());
  EXPECT_THAT(
      said(repeat("[", 33) + repeat("]", 33)),
      ElementsAre("a.yaml:1:33: " + repeat("[0]", 32) + ": found more than 32 levels, want a flatter file"));
}

TEST(Limits, StopADeepFileThatNeverCloses) {
  EXPECT_EQ(said(repeat("[", 500'000)).size(), 1U);
  EXPECT_EQ(said(repeat("{a: ", 200'000)).size(), 1U);
  EXPECT_EQ(said(repeat("- ", 500'000)).size(), 1U);
}

TEST(Limits, TakeOneMebibyteAndNoMore) {
  std::string most = "a: " + std::string(kLargestFile - 4, 'x') + "\n";
  EXPECT_THAT(said(most), ElementsAre());
  EXPECT_THAT(said(most + "#"), ElementsAre("a.yaml: found a file of 1048577 bytes, want at most 1 MiB"));
}

TEST(Limits, TakeAHundredThousandValuesAndNoMore) {
  EXPECT_THAT(said("[" + repeat("1,", 99'999) + "]"), ElementsAre());
  EXPECT_THAT(said("[" + repeat("1,", 100'000) + "]"),
              ElementsAre("a.yaml:1:200000: [99999]: found more than 100000 values, want a smaller file"));
}

TEST(Limits, TakeKeysOf256BytesAndNoMore) {
  EXPECT_THAT(said(repeat("k", 256) + ": 1\n"), ElementsAre());
  EXPECT_THAT(said(repeat("k", 257) + ": 1\n"),
              ElementsAre("a.yaml:1:1: found a key of 257 bytes, want at most 256"));
}

TEST(Limits, RefuseABillionLaughsWithoutLaughing) {
  std::string yaml = "a: &a [x, x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    std::string before(1, static_cast<char>(c - 1));
    yaml += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + "]\n";
  }
  auto problems = load_untyped(yaml, "a.yaml").problems;
  EXPECT_EQ(problems.size(), 9U + 16U);  // each anchor, each alias
  EXPECT_EQ(problems[1].to_string(),
            "a.yaml:2:4: b: found the anchor &b, want the value itself: anchors and aliases are not read");
}

double seconds_to_read(const std::string& yaml) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(said(yaml), ElementsAre());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST(Limits, TakeManyKeysInOneMapAsFastAsInMany) {
  std::string one, many;
  for (int i = 0; i < 30'000; ++i) {
    const std::string key = "k" + std::to_string(i) + ": 1\n";
    one += key;
    many += "- " + key;
  }
  // Comparing each key with all before it took thirty times as long.
  EXPECT_LT(seconds_to_read(one), 10 * seconds_to_read(many));
}

TEST(Limits, TellTheFirstHundredMistakes) {
  auto all = said(repeat("a: 1\n", 50'000));
  ASSERT_EQ(all.size(), 101U);
  EXPECT_EQ(all[0], "a.yaml: found 49899 more mistakes, want the first 100 mended");
  EXPECT_EQ(all[1], "a.yaml:2:1: a: found the key a second time, want it once; the first is on line 1");
}

TEST(Limits, TellAFileThatIsNotThereFromOneThatIsAFolder) {
  EXPECT_THAT(lines(load_file("/nowhere/a.yaml", Schema{}).problems),
              ElementsAre("/nowhere/a.yaml: found no such file, want a readable YAML file"));
  EXPECT_THAT(lines(load_file("/tmp", Schema{}).problems),
              ElementsAre("/tmp: found something else than a file, want a readable YAML file"));
  EXPECT_EQ(parse_yaml_file("/nowhere/a.yaml").code(), Code::not_found);
}

}  // namespace
}  // namespace postern::settings
