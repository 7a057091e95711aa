// Texts in ICU MessageFormat: plurals, choices, dates with zone, sizes, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "host/services/pages_format.hpp"
#include "host/services/pages_message.hpp"

namespace postern::services {
namespace {

using ::testing::HasSubstr;

struct Given final : Arguments {
  using Texts = std::map<std::string, std::string, std::less<>>;
  using Integers = std::map<std::string, std::int64_t, std::less<>>;
  Given() = default;
  Given(Texts given_texts, Integers given_integers)
      : texts(std::move(given_texts)), integers(std::move(given_integers)) {}
  Texts texts;
  Integers integers;
  Argument argument(std::string_view name) const override {
    if (const auto found = texts.find(name); found != texts.end())
      return {Argument::Kind::text, found->second, 0};
    if (const auto found = integers.find(name); found != integers.end())
      return {Argument::Kind::integer, {}, found->second};
    return {};
  }
};

std::string format(std::string_view pattern, const Given& given, const char* language = "en",
                   const char* zone = "Europe/Paris") {
  const auto text = Text::parse(pattern);
  if (!text.ok()) return "refused: " + text.error().message;
  const auto formats = Formats::create(language, zone);
  if (!formats.ok()) return "refused: " + formats.error().message;
  std::string out;
  const auto drawn = text->format(given, *formats, out);
  return drawn.ok() ? out : "failed: " + drawn.error().message;
}

TEST(Messages, CountByTheRulesOfTheLanguage) {
  const char* english = "{n, plural, =0 {no files} one {# file} other {# files}}";
  EXPECT_EQ(format(english, {{}, {{"n", 0}}}), "no files");
  EXPECT_EQ(format(english, {{}, {{"n", 1}}}), "1 file");
  EXPECT_EQ(format(english, {{}, {{"n", 12345}}}), "12,345 files");
  const char* russian = "{n, plural, one {# файл} few {# файла} many {# файлов} other {# файла}}";
  EXPECT_EQ(format(russian, {{}, {{"n", 21}}}, "ru"), "21 файл");
  EXPECT_EQ(format(russian, {{}, {{"n", 3}}}, "ru"), "3 файла");
  EXPECT_EQ(format(russian, {{}, {{"n", 11}}}, "ru"), "11 файлов");
  EXPECT_EQ(format("{n}件", {{}, {{"n", 3}}}, "ja"), "3件");
  EXPECT_EQ(format("{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}", {{}, {{"n", 22}}}),
            "22nd");
  EXPECT_EQ(format("{n, plural, offset:1 =1 {you} one {you and # other} other {you and # others}}",
                   {{}, {{"n", 3}}}),
            "you and 2 others");
}

TEST(Messages, WriteDatesInTheFirmsZoneAndNameIt) {
  const Given at{{}, {{"at", 1'796'220'000'000}}};  // 2026-12-02T14:00:00Z
  EXPECT_EQ(format("{at, date}", at), "December 2, 2026");
  EXPECT_EQ(format("{at, datetime}", at), "December 2, 2026 at 3:00\u202fPM Central European Time");
  EXPECT_EQ(format("{at, datetime}", at, "en-GB"), "2 December 2026 at 15:00 Central European Time");
  EXPECT_EQ(format("{at, datetime}", at, "ja", "Asia/Tokyo"), "2026年12月2日 23:00 日本標準時");
  EXPECT_EQ(format("{at, date}", at, "en", "Pacific/Auckland"), "December 3, 2026");
  EXPECT_EQ(format("{at, time}", at, "ja", "UTC"), "14:00");
}

TEST(Messages, WriteSizesInPowersOfAThousand) {
  const std::pair<std::int64_t, const char*> sizes[] = {
      {0, "0 bytes"},        {1, "1 byte"},         {999, "999 bytes"}, {1000, "1 kB"},
      {4'249'000, "4.2 MB"}, {999'949, "999.9 kB"}, {999'960, "1 MB"},  {3'000'000'000, "3 GB"}};
  for (const auto& [bytes, text] : sizes) EXPECT_EQ(format("{n, size}", {{}, {{"n", bytes}}}), text);
  EXPECT_EQ(format("{n, size}", {{}, {{"n", 4'249'000}}}, "de"), "4,2 MB");
}

TEST(Messages, ChooseByAWord) {
  const char* pattern = "{kind, select, pdf {a PDF} image {a picture} other {a file ({kind})}}";
  EXPECT_EQ(format(pattern, {{{"kind", "pdf"}}, {}}), "a PDF");
  EXPECT_EQ(format(pattern, {{{"kind", "<x>"}}, {}}), "a file (<x>)");
}

TEST(Messages, KeepQuotesAndBracesThatAreQuoted) {
  EXPECT_EQ(format("don't '{'x'}' it''s {x}", {{{"x", "{y}"}}, {}}), "don't {x} it's {y}");
}

TEST(Messages, OnlyNeedTheArgumentsTheyComeTo) {
  const char* pattern = "{k, select, a {{x}} other {none}}";
  EXPECT_EQ(format(pattern, {{{"k", "b"}}, {}}), "none");
  EXPECT_EQ(format(pattern, {{{"k", "a"}}, {}}), "failed: needs {x}, which the values do not have");
  EXPECT_EQ(format("{x, plural, other {#}}", {{{"x", "many"}}, {}}), "failed: needs {x}, as an integer");
}

TEST(Messages, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(format("{x, spellout}", {}),
            "refused: {x, spellout} has a type that is not known; want number, date, time, datetime, size, "
            "plural, selectordinal or select");
  EXPECT_EQ(format("{x, date, short}", {}), "refused: {x, date, …} has a style; none is taken");
  EXPECT_THAT(format("{x, choice, 0#a|1#b}", {}), HasSubstr("use plural or select"));
  EXPECT_THAT(format("{x", {}), HasSubstr("U_UNMATCHED_BRACES"));
  EXPECT_THAT(format("{x, select, a {b}}", {}), HasSubstr("U_DEFAULT_KEYWORD_MISSING"));
}

TEST(Messages, RefuseLanguagesAndZonesThatDoNotExist) {
  EXPECT_THAT(Formats::create("not a tag", "UTC").error().message,
              HasSubstr("the language \"not a tag\" is not a language tag"));
  EXPECT_THAT(Formats::create("en", "Mars/Olympus").error().message,
              HasSubstr("the time zone \"Mars/Olympus\" is not known"));
}

TEST(Messages, MayBeDrawnByManyThreadsAtOnce) {
  const auto text = Text::parse("{n, plural, one {# file} other {# files}} until {at, datetime}, {b, size}");
  const auto formats = Formats::create("en", "Europe/Paris");
  ASSERT_TRUE(text.ok() && formats.ok());
  const Given given{{}, {{"n", 1234}, {"at", 1'796'220'000'000}, {"b", 4'200'000}}};
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        std::string out;
        if (!text->format(given, *formats, out).ok() ||
            out != "1,234 files until December 2, 2026 at 3:00\u202fPM Central European Time, 4.2 MB")
          ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace postern::services
