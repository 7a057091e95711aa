// Generated tables and samples: what they look like, that they are accepted, and that the committed files are
// they.
#include "host/settings/generate.hpp"

#include <fstream>
#include <sstream>

#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(POSTERN_SOURCE_DIR) + "/" + name, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(OptionTable, NamesKeyTypeLimitsDefaultAndWhat) {
  const Schema schema{{
      list("listen", "Where", map("", "", {address("address", "IP | port").required()})).at_least(1),
      duration("wait", "How long").between(1000, 60'000).by_default("5s"),
      map_of("plugins", "", "id",
             map("", "", {boolean("enabled", "Whether it runs in <data>").by_default("true")})),
      map_of("texts", "Free", "language", text("", "One text").at_most(9)),
      choice("level", "Least", {"info", "debug"}),
      text("url", "").or_secret(),
  }};
  EXPECT_EQ(option_table(schema),
            "| key | type | default | what |\n"
            "|---|---|---|---|\n"
            "| `listen` | list of map, at least 1 entries |  | Where |\n"
            "| `listen[].address` | address | required | IP \\| port |\n"
            "| `wait` | duration, 1s to 1m | `5s` | How long |\n"
            "| `plugins` | map |  |  |\n"
            "| `plugins.<id>.enabled` | boolean | `true` | Whether it runs in &lt;data> |\n"
            "| `texts` | map |  | Free |\n"
            "| `texts.<language>` | text, at most 9 characters |  | One text |\n"
            "| `level` | `info`, `debug` |  | Least |\n"
            "| `url` | text or secret |  |  |\n");
}

TEST(OptionTable, ReplacesWhatStandsBetweenItsMarkers) {
  const std::string readme =
      "# A\n<!-- options:b -->\nold\n<!-- /options -->\n<!-- options:a -->\nold\n<!-- /options -->\nend\n";
  EXPECT_EQ(
      *replace_between_markers(readme, "a", "new\n"),
      "# A\n<!-- options:b -->\nold\n<!-- /options -->\n<!-- options:a -->\nnew\n<!-- /options -->\nend\n");
  EXPECT_EQ(
      *replace_between_markers(readme, "b", "new"),
      "# A\n<!-- options:b -->\nnew\n<!-- /options -->\n<!-- options:a -->\nold\n<!-- /options -->\nend\n");
  EXPECT_EQ(replace_between_markers(readme, "c", "new").error().message, "found no line <!-- options:c -->");
  EXPECT_EQ(replace_between_markers("<!-- options:a -->", "a", "new").error().message,
            "found no line <!-- /options --> after <!-- options:a -->");
}

TEST(Sample, HasValuesThenDefaultsThenWhatIsCommentedOut) {
  const Schema schema{{
      text("name", "Who").required(),
      integer("port", "Which").between(1, 9).by_default("8"),
      map("smtp", "Mail", {host_name("host", "Its name").required().example("smtp.example.com")}).optional(),
      path("logo", "A picture").example("logo.svg"),
  }};
  auto values = parse_yaml("name: \"Acme: Tax\"", "values");
  EXPECT_EQ(commented_sample(schema, *values, "A sample."),
            "# A sample.\n"
            "\n"
            "name: \"Acme: Tax\"                             # Who\n"
            "port: 8                                       # Which (1 to 9)\n"
            "\n"
            "# smtp:                                       # Mail\n"
            "  # host: smtp.example.com                    # Its name\n"
            "\n"
            "# logo: logo.svg                              # A picture\n");
}

TEST(Sample, StaysValidWhenEveryCommentedKeyIsTakenIn) {
  for (const auto& sample : {sample_host_yaml(), sample_firm_yaml()}) {
    std::string all;
    std::istringstream in(sample);
    for (std::string line; std::getline(in, line);) {
      auto mark = line.find_first_not_of(' ');
      bool key = mark != std::string::npos && line.compare(mark, 2, "# ") == 0 &&
                 (line.find(": ", mark) != std::string::npos || line.ends_with(":") ||
                  line.find(":  ") != std::string::npos);
      bool key_like = key && line.find(' ', mark + 2) > line.find(':', mark);
      bool entry_like = key && line.compare(mark, 4, "# - ") == 0;
      if (key_like || entry_like) line.erase(mark, 2);
      all += line + "\n";
    }
    EXPECT_EQ(all.find("# logo:"), std::string::npos);
    auto is_host = sample == sample_host_yaml();
    auto problems = is_host ? host_settings_from(all, "config/postern.yaml").problems
                            : firm_settings_from(all, "config/firms/demo.yaml", "/srv/data").problems;
    EXPECT_EQ(to_string(problems), "") << all;
  }
}

TEST(Sample, TheCommittedFilesAreTheGeneratedOnes) {
  EXPECT_EQ(file("config/postern.yaml"), sample_host_yaml());
  EXPECT_EQ(file("config/firms/demo.yaml"), sample_firm_yaml());
}

TEST(Sample, IsAcceptedAndSaysWhatTheDemoNeeds) {
  auto host = host_settings_from(sample_host_yaml(), "/opt/postern/config/postern.yaml");
  ASSERT_TRUE(host.problems.empty()) << to_string(host.problems);
  EXPECT_EQ(host.settings.plugin_folder, "/opt/postern/build/release/plugins_out");
  EXPECT_EQ(host.settings.firms_folder, "/opt/postern/config/firms");
  auto firm = firm_settings_from(sample_firm_yaml(), "/opt/postern/config/firms/demo.yaml",
                                 host.settings.data_folder);
  ASSERT_TRUE(firm.problems.empty()) << to_string(firm.problems);
  ASSERT_EQ(firm.settings.plugins.size(), 1U);
  EXPECT_THAT(firm.settings.plugins[0].allow,
              testing::ElementsAre("database/1", "links/1", "documents/1", "notifier/1", "audit/1", "pages/1",
                                   "clock/1", "random/1"));
}

TEST(OptionTable, OfTheReadmeIsTheGeneratedOne) {
  const std::string readme = file("README.md");
  for (const auto& [name, schema] : {std::pair("postern", host_schema()), std::pair("firm", firm_schema())}) {
    auto fresh = replace_between_markers(readme, name, option_table(schema));
    ASSERT_TRUE(fresh.ok()) << fresh.error().message;
    EXPECT_EQ(*fresh, readme) << "the table options:" << name << " is stale";
  }
}

TEST(ToYaml, QuotesWhatWouldReadAsSomethingElse) {
  const std::string text =
      "[plain, two words, \"12\", \"true\", \"\", \"#1a5fb4\", \"a: b\", \"a #b\", \"- x\", \"~\", \"+34 "
      "600\", \"a, b\", \"x:\", "
      "\"line\\nbreak\", \"<<\", 12, true, null, {\"a b\": {c: []}}]";
  auto value = parse_yaml(text, "a.yaml");
  ASSERT_TRUE(value.ok()) << value.error().message;
  auto again = parse_yaml(to_yaml(*value), "again.yaml");
  ASSERT_TRUE(again.ok()) << to_yaml(*value) << "\n" << again.error().message;
  EXPECT_EQ(again->to_json(), value->to_json());
  EXPECT_THAT(to_yaml(*value), testing::StartsWith("[plain, two words, \"12\", \"true\", \"\", \"#1a5fb4\""));
}

}  // namespace
}  // namespace postern::settings
