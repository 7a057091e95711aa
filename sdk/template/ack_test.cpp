// The plugin on fakes: its SQL runs on SQLite in memory, every service can be told to fail.
#include "ack.hpp"

#include <gtest/gtest.h>
#include <postern/testing/fake_host.hpp>

#include <fstream>

namespace ack {
namespace {

using postern::testing::Answer;
using postern::testing::PluginUnderTest;

std::string schema() {
  std::ifstream file(ACK_FOLDER "/schema.sql");
  return {std::istreambuf_iterator<char>(file), {}};
}

class AckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plugin.host.database.apply(schema());
    plugin.host.settings.set("expires", 14 * kDay);
    ASSERT_TRUE(plugin.start().ok());
  }
  Answer ask(
      std::string body = R"({"title": "New terms", "notice": "They change.", "email": "jane@example.org"})") {
    return plugin.staff({.route = "ask", .method = "POST", .body = std::move(body)});
  }

  PluginUnderTest<Ack> plugin;
};

TEST_F(AckTest, AsksWithALinkAMessageAndAnAuditLine) {
  auto answer = ask();
  ASSERT_EQ(answer.status, 201) << answer.error.message;
  auto id = Json::parse(answer.bytes)["id"].get<std::string>();
  ASSERT_EQ(plugin.host.links.all.size(), 1U);
  EXPECT_EQ(plugin.host.links.all[0].resource, id);
  EXPECT_EQ(plugin.host.links.all[0].expires, plugin.host.clock.now() + 14 * kDay);
  ASSERT_EQ(plugin.host.notifier.messages.size(), 1U);
  EXPECT_EQ(plugin.host.notifier.messages[0].email, "jane@example.org");
  EXPECT_EQ(plugin.host.notifier.messages[0].link, "link-1");
  EXPECT_EQ(plugin.host.audit.lines.back().event, "ack.asked");
}

TEST_F(AckTest, ReadsOnceHoweverOftenTheButtonIsPressed) {
  ask();
  auto before = plugin.recipient({.route = "view"}, "link-1");
  EXPECT_EQ(before.page, "view.html");
  EXPECT_FALSE(Json::parse(before.values).contains("read_at"));
  EXPECT_EQ(plugin.host.links.all[0].uses, 0) << "looking is not using";

  EXPECT_TRUE(plugin.recipient({.route = "read", .method = "POST"}, "link-1").redirected);
  plugin.host.clock.advance(kHour);
  EXPECT_TRUE(plugin.recipient({.route = "read", .method = "POST"}, "link-1").redirected);
  EXPECT_EQ(plugin.host.links.all[0].uses, 1);
  auto after = Json::parse(plugin.recipient({.route = "view"}, "link-1").values);
  EXPECT_EQ(after["read_at"], plugin.host.clock.now().ms - kHour) << "the first time counts";
}

TEST_F(AckTest, KeepsNothingWhenOneServiceFails) {
  plugin.host.audit.fail_next(Code::unavailable);
  EXPECT_EQ(ask().code, Code::unavailable);
  EXPECT_TRUE(plugin.host.links.all.empty());
  EXPECT_TRUE(plugin.host.notifier.messages.empty());
  EXPECT_EQ(plugin.staff({.route = "list"}).bytes, R"({"requests":[]})");
}

TEST_F(AckTest, NamesTheFieldThatIsWrong) {
  for (const auto& [body, field] : {std::pair{"[]", ""},
                                    {"{}", "/title"},
                                    {R"({"title": ""})", "/title"},
                                    {R"({"title": "a", "notice": 3})", "/notice"},
                                    {R"({"titel": "a"})", "/titel"}}) {
    auto answer = ask(body);
    EXPECT_EQ(answer.code, Code::invalid) << body;
    EXPECT_EQ(answer.error.field, field) << body;
  }
}

TEST_F(AckTest, ShowsOneRequestOrNone) {
  auto id = Json::parse(ask().bytes)["id"].get<std::string>();
  EXPECT_EQ(Json::parse(plugin.staff({.route = "show", .parameters = {{"request", id}}}).bytes)["title"],
            "New terms");
  EXPECT_EQ(plugin.staff({.route = "show", .parameters = {{"request", "nobody"}}}).code, Code::not_found);
}

}  // namespace
}  // namespace ack
