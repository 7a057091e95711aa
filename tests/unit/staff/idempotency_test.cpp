// Asking twice does it once.
#include <future>
#include <thread>

#include "tests/unit/staff/fake_plugin.hpp"
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class Idempotency : public StaffTest {};
POSTERN_ON_BOTH_DATABASES(Idempotency);

constexpr char kAnn[] = R"({"name":"Ann"})";

TEST_P(Idempotency, GivesTheSameAnswerAndDoesNothing) {
  const Reply first = call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}});
  ASSERT_EQ(first.status, 201);
  EXPECT_FALSE(first.fields.has("Idempotency-Replayed"));
  clock_.advance(kHour);
  const Reply again = call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "\"k1\""}});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.bytes, first.bytes);
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(count("accounts"), 1);
}

TEST_P(Idempotency, RefusesTheKeyForAnotherRequest) {
  EXPECT_EQ(call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}}).status, 201);
  const Reply other = call("POST", "/api/v1/accounts", R"({"name":"Bob"})", {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.json()["code"], "unprocessable");
  EXPECT_EQ(other.json()["errors"][0]["header"], "Idempotency-Key");
  EXPECT_EQ(call("POST", "/api/v1/keys", kAnn, {{"Idempotency-Key", "k1"}}).status, 422);
  EXPECT_EQ(count("accounts"), 1);
}

TEST_P(Idempotency, BelongsToOneCaller) {
  const std::string other = key(plugins::Role::member);
  EXPECT_EQ(call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}}).status, 201);
  const Reply reply = call_as(other, "POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(reply.status, 201);
  EXPECT_FALSE(reply.fields.has("Idempotency-Replayed"));
  EXPECT_EQ(count("accounts"), 2);
}

TEST_P(Idempotency, EndsAfterADayAndIsDeleted) {
  EXPECT_EQ(call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}}).status, 201);
  clock_.advance(kDay - 1);
  EXPECT_TRUE(
      call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}}).fields.has("Idempotency-Replayed"));
  clock_.advance(1);
  EXPECT_FALSE(
      call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k2"}}).fields.has("Idempotency-Replayed"));
  EXPECT_EQ(count("idempotency"), 1);
  EXPECT_FALSE(
      call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k1"}}).fields.has("Idempotency-Replayed"));
  EXPECT_EQ(count("accounts"), 3);
}

TEST_P(Idempotency, DoesItOnceForManyAtTheSameTime) {
  constexpr int kAtOnce = 8;
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < kAtOnce; ++i)
    replies.push_back(std::async(std::launch::async, [&] {
      return call("POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "race"}});
    }));
  std::set<std::string> bodies;
  int replayed = 0;
  for (auto& one : replies) {
    const Reply reply = one.get();
    EXPECT_EQ(reply.status, 201) << reply.bytes;
    bodies.insert(reply.bytes);
    replayed += reply.fields.has("Idempotency-Replayed") ? 1 : 0;
  }
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(replayed, kAtOnce - 1);
  EXPECT_EQ(count("accounts"), 1);
}

TEST_P(Idempotency, LeavesNothingWhenTheOperationFails) {
  // The record stands in the operation's own transaction: a failure after the write takes both away.
  FakePlugin& plugin = add_plugin();
  int calls = 0;
  plugin.act = [&](const Request& request, const Member&, Response& response, ErrorSink& error) {
    std::int64_t changed = 0;
    const Value values[] = {{Value::Kind::text, 0, "a-" + std::to_string(++calls)}};
    const std::string id = "a-" + std::to_string(calls);
    const Value parameters[] = {{Value::Kind::text, 0, id}};
    (void)values;
    const Code code = request.transaction().execute(
        "insert into accounts (id, kind, name, email, created_at) values (:id, 'client', 'x', '', 1)",
        parameters, changed, error);
    if (code != Code::ok) return code;
    if (calls == 1) {
      error.error(Code::internal, "it broke: secret detail", "");
      return Code::internal;
    }
    response.body("application/json", "{}");
    return Code::ok;
  };
  const Reply broken = call("POST", "/api/v1/note", "{}", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(broken.bytes.find("secret"), std::string::npos);
  EXPECT_EQ(count("accounts"), 0);
  EXPECT_EQ(count("idempotency"), 0);
  EXPECT_EQ(call("POST", "/api/v1/note", "{}", {{"Idempotency-Key", "k"}}).status, 200);
  EXPECT_EQ(call("POST", "/api/v1/note", "{}", {{"Idempotency-Key", "k"}}).status, 200);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(count("accounts"), 1);
}

TEST_P(Idempotency, RemembersARefusalOfTheOperationButNotAMistakeInTheRequest) {
  const std::string id = account();
  const std::string path = "/api/v1/accounts/" + id + "/folders", body = R"({"name":"Tax"})";
  EXPECT_EQ(call("POST", path, body).status, 201);
  const Reply taken = call("POST", path, body, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(taken.status, 409) << taken.bytes;
  const Reply again = call("POST", path, body, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.bytes, taken.bytes);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.header("Content-Type"), "application/problem+json");

  EXPECT_EQ(call("POST", path, R"({"nam":"x"})", {{"Idempotency-Key", "m"}}).status, 400);
  EXPECT_EQ(call("POST", path, R"({"name":"x"})", {{"Idempotency-Key", "m"}}).status, 201);
}

TEST_P(Idempotency, KeepsSecretsSealed) {
  const std::string body = R"({"name":"x","role":"member"})";
  const Reply made = call("POST", "/api/v1/keys", body, {{"Idempotency-Key", "k"}});
  const std::string text = made.json()["key"];
  EXPECT_EQ(call("POST", "/api/v1/keys", body, {{"Idempotency-Key", "k"}}).json()["key"], text);
  for (const db::Row& row : rows("select fields, body from idempotency")) {
    EXPECT_EQ(row[0].text().find(text), std::string::npos);
    EXPECT_EQ(row[1].text().find(text), std::string::npos);
    EXPECT_EQ(row[1].text().find("postern_"), std::string::npos);
  }
  change({"update idempotency set request_hash = 'x', caller = caller"});
  EXPECT_EQ(call("POST", "/api/v1/keys", body, {{"Idempotency-Key", "k"}}).status, 422);
}

TEST_P(Idempotency, ChecksTheCallerBeforeItReplays) {
  const std::string mine = key(plugins::Role::member);
  EXPECT_EQ(call_as(mine, "POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k"}}).status, 201);
  const std::string id = call("GET", "/api/v1/keys").json()["items"][1]["id"];
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + id).status, 204);
  EXPECT_EQ(call_as(mine, "POST", "/api/v1/accounts", kAnn, {{"Idempotency-Key", "k"}}).status, 401);
}

TEST_P(Idempotency, HoldsForPutAndDeleteToo) {
  const std::string id = link().id;
  const std::string body = R"({"expires":"2026-01-20T00:00:00Z"})";
  const Reply first = call("PUT", "/api/v1/links/" + id + "/expiry", body, {{"Idempotency-Key", "k"}});
  ASSERT_EQ(first.status, 200) << first.bytes;
  EXPECT_EQ(call("PUT", "/api/v1/links/" + id + "/expiry", body, {{"Idempotency-Key", "k"}})
                .header("Idempotency-Replayed"),
            "true");
  EXPECT_EQ(call("GET", "/api/v1/links/" + id, "", {{"Idempotency-Key", "k"}}).header("Idempotency-Replayed"),
            "");
}

}  // namespace
}  // namespace postern::staff
