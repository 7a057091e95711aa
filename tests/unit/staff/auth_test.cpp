// Who may call, and what a stranger learns: nothing.
#include "host/staff/router.hpp"
#include "tests/unit/staff/fake_plugin.hpp"
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class StaffAccess : public StaffTest {};
POSTERN_ON_BOTH_DATABASES(StaffAccess);

TEST_P(StaffAccess, LetsAKeyIn) {
  const Reply me = call("GET", "/api/v1/me");
  ASSERT_EQ(me.status, 200) << me.bytes;
  EXPECT_EQ(me.json()["key"]["role"], "owner");
  EXPECT_EQ(me.json()["firm"]["name"], "Acme Tax");
  EXPECT_EQ(me.header("Cache-Control"), "no-store");
  EXPECT_EQ(me.header("Content-Type"), "application/json");
  EXPECT_EQ(call("HEAD", "/api/v1/me").status, 200);
}

TEST_P(StaffAccess, AsksForAKeyWhateverThePath) {
  const std::string id = account();
  Json first;
  for (const std::string target :
       {"/api/v1/me", "/api/v1/keys", "/api/v1/nothing", "/api/v1/", "/api/v1/share/x"}) {
    const Reply reply = call_as("", "GET", target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_EQ(reply.header("WWW-Authenticate"), "Bearer realm=\"postern\"");
    if (first.is_null()) first = reply.json();
    EXPECT_EQ(reply.json(), first) << "a stranger learns what exists";
  }
  EXPECT_EQ(call_as("", "POST", "/api/v1/accounts", "{not json").status, 401);
  EXPECT_EQ(call_as("", "GET", "/api/v1/accounts/" + id).json(), first);
  EXPECT_EQ(call_as("", "PATCH", "/api/v1/accounts").json(), first);
}

TEST_P(StaffAccess, RefusesEveryKindOfWrongKeyAlike) {
  firm_->key_limiter.reset();
  const std::string revoked = key(plugins::Role::admin);
  const std::string expiring = key(plugins::Role::admin, clock_.now() + kMinute);
  EXPECT_EQ(call_as(revoked, "GET", "/api/v1/keys").status, 200);
  EXPECT_EQ(call_as(expiring, "GET", "/api/v1/keys").status, 200);
  const Json keys = call("GET", "/api/v1/keys").json();
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + keys["items"][1]["id"].get<std::string>()).status, 204);
  clock_.advance(kMinute);
  const Json wrong = call_as("postern_" + std::string(43, 'A'), "GET", "/api/v1/me").json();
  EXPECT_EQ(wrong["code"], "unauthenticated");
  for (const std::string& text : {revoked, expiring, std::string("x"), owner_ + "A", owner_.substr(0, 50),
                                  "POSTERN_" + owner_.substr(8), std::string(5000, 'a')}) {
    const Reply reply = call_as(text, "GET", "/api/v1/me");
    EXPECT_EQ(reply.json(), wrong) << text;
    EXPECT_EQ(reply.header("WWW-Authenticate"), "Bearer realm=\"postern\", error=\"invalid_token\"");
  }
  EXPECT_EQ(call_as("", "GET", "/api/v1/me", "", {{"Authorization", "Basic " + owner_}}).status, 401);
  EXPECT_EQ(call_as("", "GET", "/api/v1/me", "", {{"Authorization", "bEARER  " + owner_}}).status, 200);
}

TEST_P(StaffAccess, SlowsGuessingDownButNeverARightKey) {
  std::vector<int> statuses;
  for (int i = 0; i < 12; ++i)
    statuses.push_back(call_as("postern_" + std::string(43, 'A'), "GET", "/api/v1/me").status);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 401), 10);
  EXPECT_EQ(statuses.back(), 429);
  const Reply slowed = call_as("guess", "POST", "/api/v1/accounts", "{}");
  EXPECT_EQ(slowed.status, 429);
  EXPECT_EQ(slowed.header("Retry-After"), "60");
  EXPECT_EQ(
      upload("x", "y", {.body = "z", .announced = 1, .headers = {{"Authorization", "Bearer guess"}}}).status,
      429);
  EXPECT_EQ(call("GET", "/api/v1/me").status, 200);
  clock_.advance(2 * kMinute);
  EXPECT_EQ(call_as("guess", "GET", "/api/v1/me").status, 401);
}

TEST_P(StaffAccess, HoldsEveryOperationToItsRole) {
  using enum plugins::Role;
  const std::map<plugins::Role, std::string> keys{
      {read_only, key(read_only)}, {member, key(member)}, {admin, key(admin)}};
  const std::string nobody = "01890000-0000-7000-8000-000000000000";
  int refused = 0;
  for (const Operation& operation : operations()) {
    if (operation.handler == nullptr) continue;
    std::string path(operation.pattern);
    while (path.find('{') != std::string::npos)
      path.replace(path.find('{'), path.find('}') - path.find('{') + 1, nobody);
    for (const auto& [role, text] : keys) {
      const Reply reply = call_as(text, std::string(operation.method), "/api/v1/" + path);
      EXPECT_EQ(reply.status == 403, role < operation.role) << operation.id << " " << reply.bytes;
      refused += reply.status == 403 ? 1 : 0;
    }
  }
  EXPECT_EQ(refused, 14) << "a new operation changes this figure: read-only is refused 10 times, member 4";
  const Reply streamed =
      upload(folder(), "a.txt",
             {.body = "a", .announced = 1, .headers = {{"Authorization", "Bearer " + keys.at(read_only)}}});
  EXPECT_EQ(streamed.status, 403);
  EXPECT_TRUE(streamed.refused_early);
}

TEST_P(StaffAccess, HoldsPluginRoutesToTheirRole) {
  FakePlugin& plugin = add_plugin();
  plugin.act = [](const Request&, const Member& member, Response& response, ErrorSink&) {
    response.body("application/json", "\"" + std::string(member.role) + "\"");
    return Code::ok;
  };
  const std::string reader = key(plugins::Role::read_only), member = key(plugins::Role::member);
  EXPECT_EQ(call_as(reader, "GET", "/api/v1/note").bytes, "\"read-only\"");
  EXPECT_EQ(call_as(reader, "POST", "/api/v1/note", "{}").status, 403);
  EXPECT_EQ(call_as(member, "POST", "/api/v1/note", "{}").bytes, "\"member\"");
  EXPECT_EQ(call_as(member, "POST", "/api/v1/note/wipe", "{}").status, 403);
  EXPECT_EQ(call("POST", "/api/v1/note/wipe", "{}").status, 200);
}

TEST_P(StaffAccess, RemembersWhenAKeyLastChangedSomething) {
  EXPECT_TRUE(call("GET", "/api/v1/keys").json()["items"][0]["last_used"].is_null());
  account();
  EXPECT_EQ(call("GET", "/api/v1/keys").json()["items"][0]["last_used"], "2026-01-01T00:00:00.000Z");
}

TEST_P(StaffAccess, WritesWhoItWasIntoTheAuditRecord) {
  EXPECT_EQ(
      call("POST", "/api/v1/accounts", R"({"name":"Ann"})", {{"User-Agent", std::string(600, 'u')}}).status,
      201);
  const Json line = call("GET", "/api/v1/audit?order=newest&limit=1").json()["items"][0];
  EXPECT_EQ(line["actor"]["name"], "test");
  EXPECT_EQ(line["actor"]["address"], "192.0.2.7");
  EXPECT_EQ(line["actor"]["user_agent"].get<std::string>().size(), 512U);
  EXPECT_TRUE(line["actor"]["member"].get<std::string>().starts_with("key:"));
}

TEST_P(StaffAccess, MakesShowsAndRevokesKeys) {
  const Reply made = call("POST", "/api/v1/keys",
                          R"({"name":"Report","role":"read-only","expires":"2026-02-01T00:00:00Z"})");
  ASSERT_EQ(made.status, 201) << made.bytes;
  const std::string text = made.json()["key"], id = made.json()["id"];
  EXPECT_EQ(text.size(), 51U);
  EXPECT_EQ(call_as(text, "GET", "/api/v1/me").json()["key"]["expires"], "2026-02-01T00:00:00.000Z");
  EXPECT_EQ(call("GET", "/api/v1/keys").bytes.find(text), std::string::npos);
  const Reply one = call("GET", made.header("Location"));
  EXPECT_EQ(one.json()["state"], "active");
  EXPECT_FALSE(one.json().contains("key"));
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + id).status, 204);
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + id).status, 204);
  EXPECT_EQ(call("GET", "/api/v1/keys/" + id).json()["state"], "revoked");
  EXPECT_EQ(call_as(text, "GET", "/api/v1/me").status, 401);
  for (const db::Row& row : rows("select hash from api_keys")) EXPECT_EQ(row[0].text().size(), 64U);
}

TEST_P(StaffAccess, LetsNoKeyReachAboveItsRole) {
  const std::string admin = key(plugins::Role::admin);
  EXPECT_EQ(call_as(admin, "POST", "/api/v1/keys", R"({"name":"x","role":"owner"})").status, 403);
  EXPECT_EQ(call_as(admin, "POST", "/api/v1/keys", R"({"name":"x","role":"admin"})").status, 201);
  const std::string owner = call("GET", "/api/v1/keys").json()["items"][0]["id"];
  EXPECT_EQ(call_as(admin, "DELETE", "/api/v1/keys/" + owner).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/me").status, 200);
}

}  // namespace
}  // namespace postern::staff
