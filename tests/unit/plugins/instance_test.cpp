#include "tests/unit/plugins/test_plugins.hpp"

namespace postern::plugins {
namespace {

using test::DoorsOf;
using testing::Call;
using testing::FakeHost;

class HelloInstance : public ::testing::Test {
 protected:
  void SetUp() override {
    auto library = test::load("hello.so");
    ASSERT_TRUE(library.ok()) << library.error().message;
    host.settings.set("greeting", "Good day");
    auto started = Instance::start(*library, host, host.settings);
    ASSERT_TRUE(started.ok()) << started.error().message;
    instance = *std::move(started);
  }

  testing::Answer view() {
    DoorsOf doors(*instance);
    return host.recipient(doors, {.route = "view"}, LinkInfo());
  }

  FakeHost host;
  std::unique_ptr<Instance> instance;
};

TEST_F(HelloInstance, AnswersARecipientWithItsPage) {
  auto answer = view();
  ASSERT_TRUE(answer.ok()) << answer.error.message;
  EXPECT_EQ(answer.page, "view.html");
  EXPECT_EQ(answer.values, R"({"greeting": "Good day"})");
}

TEST_F(HelloInstance, AnswersStaffFromAService) {
  DoorsOf doors(*instance);
  host.clock.set({42});
  auto answer = host.staff(doors, {.route = "list"}, FakeHost::member());
  EXPECT_EQ(answer.bytes, R"({"now": 42})");
}

TEST_F(HelloInstance, HandsAnErrorOnAsItIs) {
  DoorsOf doors(*instance);
  Call call{.route = "greet", .method = "POST", .parameters = {{"name", "nobody"}}};
  auto answer = host.recipient(doors, call, LinkInfo());
  EXPECT_EQ(answer.code, Code::not_found);
  EXPECT_EQ(answer.error.message, "there is nobody");
  EXPECT_EQ(answer.error.field, "name");
}

TEST_F(HelloInstance, IsUnavailableOnceDrained) {
  EXPECT_TRUE(instance->drain(std::chrono::milliseconds(0)));
  auto answer = view();
  EXPECT_EQ(answer.code, Code::unavailable);
  EXPECT_EQ(answer.error.message, "this part is being stopped; try again in a moment");
  EXPECT_TRUE(instance->drain(std::chrono::milliseconds(0))) << "draining twice is fine";
}

}  // namespace
}  // namespace postern::plugins
