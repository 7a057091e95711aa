#include <condition_variable>
#include <mutex>
#include <thread>

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

/// Grants a log that holds whoever writes "inside" until the test lets go.
class HoldingHost final : public Host, public Log {
 public:
  void* service(std::string_view id) noexcept override {
    return id == Log::kId ? static_cast<Log*>(this) : nullptr;
  }
  void write(Severity, std::string_view message) noexcept override {
    std::unique_lock lock(mutex_);
    words_ += std::string(message) + " ";
    if (message != "inside") return;
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
  }
  void wait_until_inside(int calls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ == calls; });
  }
  void release() {
    std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  std::string words() {
    std::lock_guard lock(mutex_);
    return words_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string words_;
  int inside_ = 0;
  bool released_ = false;
};

testing::Answer call(Instance& instance) {
  FakeHost host;
  DoorsOf doors(instance);
  return host.recipient(doors, {.route = "view"}, LinkInfo());
}

std::unique_ptr<Instance> start(const std::string& name, Host& host) {
  static const testing::FakeSettings none;
  auto instance = Instance::start(*test::load(name), host, none);
  EXPECT_TRUE(instance.ok()) << (instance.ok() ? "" : instance.error().message);
  return instance.ok() ? *std::move(instance) : nullptr;
}

TEST(Instance, DrainsOnlyOnceTheLastCallIsBack) {
  HoldingHost host;
  auto instance = start("waits_in_door.so", host);
  std::vector<testing::Answer> answers(2);
  std::vector<std::thread> callers;
  for (auto& answer : answers) callers.emplace_back([&] { answer = call(*instance); });
  host.wait_until_inside(2);
  EXPECT_FALSE(instance->drain(std::chrono::milliseconds(20))) << "two calls are still inside";
  EXPECT_EQ(call(*instance).code, Code::unavailable) << "no new call gets in while it drains";
  EXPECT_EQ(host.words(), "configure start inside inside drain ") << "not stopped while calls run";
  host.release();
  EXPECT_TRUE(instance->drain(std::chrono::seconds(60)));
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(host.words(), "configure start inside inside drain stop ");
  for (const auto& answer : answers) EXPECT_EQ(answer.bytes, "done");
}

TEST(Instance, WaitsForRunningCallsWhenItIsDestroyed) {
  HoldingHost host;
  auto instance = start("waits_in_door.so", host);
  std::thread caller([&] { EXPECT_EQ(call(*instance).bytes, "done"); });
  host.wait_until_inside(1);
  std::thread destroyer([&] { instance.reset(); });
  host.release();
  destroyer.join();
  caller.join();
  EXPECT_EQ(host.words(), "configure start inside drain stop ");
}

TEST(Instance, FencesADoorThatThrows) {
  FakeHost host;
  auto instance = start("throws_in_door.so", host);
  auto answer = call(*instance);
  EXPECT_EQ(answer.code, Code::internal);
  EXPECT_EQ(answer.error.message, "threw: the secret is 1234")
      << "for the log; the caller gets a reference number";
  EXPECT_EQ(call(*instance).code, Code::internal) << "and the plugin goes on";
}

TEST(Instance, FencesAPluginWithoutOurGlueToo) {
  FakeHost host;
  auto instance = start("throws_past_the_glue.so", host);
  auto answer = call(*instance);
  EXPECT_EQ(answer.code, Code::internal);
  EXPECT_EQ(answer.error.message, "threw: past the glue");
}

TEST(Instance, AnswersNotFoundAtADoorThatIsNotThere) {
  FakeHost host;
  auto instance = start("throws_in_door.so", host);
  EXPECT_FALSE(instance->has(Door::staff));
  DoorsOf doors(*instance);
  EXPECT_EQ(host.staff(doors, {.route = "x"}, FakeHost::member()).code, Code::not_found);
}

TEST(Instance, KeepsTwoInstancesOfOneLibraryApart) {
  auto library = *test::load("hello.so");
  FakeHost acme, other;
  acme.settings.set("greeting", "Acme");
  other.settings.set("greeting", "Other");
  auto first = *Instance::start(library, acme, acme.settings);
  auto second = *Instance::start(library, other, other.settings);
  DoorsOf first_doors(*first), second_doors(*second);
  EXPECT_EQ(acme.recipient(first_doors, {.route = "view"}, LinkInfo()).values, R"({"greeting": "Acme"})");
  EXPECT_EQ(other.recipient(second_doors, {.route = "view"}, LinkInfo()).values, R"({"greeting": "Other"})");
  first.reset();
  EXPECT_TRUE(other.recipient(second_doors, {.route = "view"}, LinkInfo()).ok())
      << "one stopped, the other goes on";
}

TEST(Instance, TakesCallsFromManyThreadsWhileItIsDrained) {
  FakeHost host;
  auto instance = start("hello.so", host);
  std::atomic<int> good{0}, refused{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (true) {
        auto code = call(*instance).code;
        ++(code == Code::ok ? good : refused);
        if (code != Code::ok) return;
      }
    });
  }
  while (good < 100) std::this_thread::yield();
  EXPECT_TRUE(instance->drain(std::chrono::seconds(60)));
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(refused, 4);
}

}  // namespace
}  // namespace postern::plugins
