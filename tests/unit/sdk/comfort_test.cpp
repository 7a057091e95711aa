// The comfort layer and the glue, on fakes and without a shared library.
#include "postern/comfort.hpp"

#include "postern/json.hpp"
#include "postern/testing/fake_host.hpp"

namespace postern {
namespace {

using testing::Answer;
using testing::Call;
using testing::FakeHost;
using testing::PluginUnderTest;

/// One route for each thing that may happen in a handler.
class Sample final : public Action<Sample> {
 public:
  static constexpr auto routes() {
    return std::array{on("same", &Sample::recipient_same), on("same", &Sample::staff_same),
                      on("throw", &Sample::throws),        on("odd", &Sample::throws_odd),
                      on("fail", &Sample::fails),          on("wrong", &Sample::wrong_type),
                      on("body", &Sample::body),           on("late", &Sample::late)};
  }
  Result<void> setup(Services& services, const Settings& settings) override {
    if (settings.flag("refuse")) return {Code::invalid, "it does not like the settings", "refuse"};
    return services.require(links_, audit_);
  }
  Result<void> begin() override {
    if (links_) return {};
    return {Code::internal, "begin() before setup()"};
  }

  Result<void> recipient_same(RecipientContext& c) {
    c.json(dump({{"who", c.link.recipient.email}, {"resource", c.resource}}));
    return {};
  }
  Result<void> staff_same(StaffContext& c) {
    c.json(dump({{"who", c.member.id}, {"query", c.query("q")}}));
    return {};
  }
  Result<void> throws(StaffContext&) { throw std::runtime_error("a secret"); }
  Result<void> throws_odd(StaffContext&) { throw 42; }
  Result<void> fails(StaffContext& c) {
    POSTERN_CHECK(audit_.append(c.tx, "sample.failed", "x"));
    return {Code::conflict, "it is taken", "/name"};
  }
  Result<void> wrong_type(StaffContext& c) {
    POSTERN_TRY(auto row, c.tx.row("select 'text'"));
    c.json(std::to_string(row->integer(0)));
    return {};
  }
  Result<void> body(StaffContext& c) {
    POSTERN_TRY(auto body, Body::of(c));
    POSTERN_TRY(auto count, body.integer("count", 1, 9));
    POSTERN_TRY(auto flag, body.flag_or("flag", true));
    c.json(dump({{"count", count}, {"flag", flag}}));
    return {};
  }
  Result<void> late(StaffContext& c) {
    POSTERN_CHECK(audit_.append(c.tx, "sample.late", "x"));
    c.page("form.html", "{}", 422);
    return {};
  }

 private:
  Use<Links> links_;
  Use<Audit> audit_;
};

class Comfort : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(sample.start().ok()); }
  Answer post(std::string route, std::string body = "") {
    return sample.staff({.route = std::move(route), .method = "POST", .body = std::move(body)});
  }
  PluginUnderTest<Sample> sample;
};

TEST_F(Comfort, TellsTheDoorsApartWhenTheyShareARouteId) {
  sample.host.database.look([&](Tx tx) {
    LinkSpec spec{.resource = "r-1", .recipient = {.email = "jane@example.org"}};
    ASSERT_TRUE(Use<Links>(sample.host.links).issue(tx, spec).ok());
  });
  EXPECT_EQ(sample.recipient({.route = "same"}, "link-1").bytes,
            R"({"resource":"r-1","who":"jane@example.org"})");
  EXPECT_EQ(sample.staff({.route = "same", .query = {{"q", "x"}}}).bytes,
            R"({"query":"x","who":"member:1"})");
}

TEST_F(Comfort, TurnsExceptionsIntoInternalErrorsForTheLog) {
  EXPECT_EQ(post("throw").code, Code::internal);
  EXPECT_EQ(post("throw").error.message, "threw: a secret");
  EXPECT_EQ(post("odd").error.message, "threw: something that is not a std::exception");
  EXPECT_EQ(post("wrong").error.message,
            "threw: column 0 is read as an integer, but it is of the other kind");
}

TEST_F(Comfort, HandsErrorsOnAndKeepsNothing) {
  auto answer = post("fail");
  EXPECT_EQ(answer.code, Code::conflict);
  EXPECT_EQ(answer.error.message, "it is taken");
  EXPECT_EQ(answer.error.field, "/name");
  EXPECT_TRUE(sample.host.audit.lines.empty());
}

TEST_F(Comfort, KeepsNothingWhenTheAnswerIsAnError) {
  EXPECT_EQ(post("late").status, 422);
  EXPECT_TRUE(sample.host.audit.lines.empty());
}

TEST_F(Comfort, SaysWhichRouteHasNoHandler) {
  EXPECT_EQ(post("nobody").error.message, "manifest.yaml has the route nobody, but routes() does not");
}

TEST_F(Comfort, NamesTheFieldOfABodyThatIsWrong) {
  EXPECT_EQ(post("body", R"({"count": 3})").bytes, R"({"count":3,"flag":true})");
  for (const auto& [body, field, message] :
       {std::tuple{"", "", "the body is not a JSON object, which is wanted here"},
        {"[1]", "", "the body is not a JSON object, which is wanted here"},
        {"{}", "/count", "count is missing"},
        {R"({"count": null})", "/count", "count is missing"},
        {R"({"count": 0})", "/count", "count must be an integer from 1 to 9"},
        {R"({"count": 18446744073709551615})", "/count", "count must be an integer from 1 to 9"},
        {R"({"count": 1.5})", "/count", "count must be an integer from 1 to 9"},
        {R"({"count": "1"})", "/count", "count must be an integer from 1 to 9"},
        {R"({"count": 1, "flag": 1})", "/flag", "flag must be true or false"}}) {
    auto answer = post("body", body);
    EXPECT_EQ(answer.code, Code::invalid) << body;
    EXPECT_EQ(answer.error.field, field) << body;
    EXPECT_EQ(answer.error.message, message) << body;
  }
}

TEST(Setup, RefusesWithTheServiceThatIsMissing) {
  PluginUnderTest<Sample> sample;
  sample.host.withheld = {"audit/1"};
  auto started = sample.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message,
            "the service audit/1 is not there; list it under needs in manifest.yaml and under allow in the "
            "firm's YAML");
}

TEST(Setup, RefusesSettingsWithTheAuthorsSentence) {
  PluginUnderTest<Sample> sample;
  sample.host.settings.set("refuse", 1);
  auto started = sample.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message, "it does not like the settings");
  EXPECT_EQ(started.error().field, "refuse");
}

TEST(Row, RefusesWhatDoesNotFit) {
  FakeHost host;
  host.database.look([&](Tx tx) {
    auto row = *tx.row("select 'a', 300, null");
    EXPECT_THROW(row->integer(0), std::logic_error);
    EXPECT_THROW(row->text(1), std::logic_error);
    EXPECT_THROW(row->text(2), std::logic_error);
    EXPECT_THROW(row->text(3), std::logic_error);
    EXPECT_THROW(row->get<std::uint8_t>(1), std::logic_error);
    EXPECT_THROW((row->as<std::string, int>()), std::logic_error);
    EXPECT_EQ(row->get<std::optional<int>>(2), std::nullopt);
    EXPECT_EQ(row->get<std::optional<int>>(1), 300);
    EXPECT_TRUE(row->flag(1));
    EXPECT_EQ(row->time(1), Timestamp{300});
  });
}

TEST(Use, ThrowsWhenItWasNeverRequired) {
  FakeHost host;
  host.database.look([&](Tx tx) { EXPECT_THROW((void)Use<Links>().find(tx, "x"), std::logic_error); });
}

TEST(Faults, StrikeTheCallTheyWereAskedToAndNoOther) {
  FakeHost host;
  Use<Audit> audit(host.audit);
  host.audit.fail_at(1, Code::no_space);
  host.database.look([&](Tx tx) {
    EXPECT_TRUE(audit.append(tx, "a", "x").ok());
    auto failed = audit.append(tx, "b", "x");
    EXPECT_EQ(failed.code(), Code::no_space);
    EXPECT_EQ(failed.error().message, "audit/1 was told to fail");
    EXPECT_TRUE(audit.append(tx, "c", "x").ok());
  });
  EXPECT_EQ(host.audit.calls(), 3);
  EXPECT_TRUE(host.audit.struck());
  EXPECT_EQ(host.audit.lines.size(), 2U);
}

TEST(Sinks, DoNotLetAnExceptionThroughTheHost) {
  SinkGuard guard;
  EXPECT_FALSE(guard.run([] { throw std::bad_alloc(); }));
  EXPECT_THROW(guard.rethrow(), std::bad_alloc);
  EXPECT_NO_THROW(guard.rethrow()) << "once";
}

}  // namespace
}  // namespace postern
