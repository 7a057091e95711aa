// What staff do with links.
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class StaffLinks : public StaffTest {
 protected:
  std::string address(const std::string& id) {
    return call("GET", "/api/v1/links/" + id + "/address").json().value("url", "");
  }
  Code opens(const std::string& address) {
    return firm_->database
        ->read([&](db::HostTransaction& transaction) {
          return firm_->links->find_by_token(transaction, address.substr(address.rfind('/') + 1));
        })
        .code();
  }
};
POSTERN_ON_BOTH_DATABASES(StaffLinks);

TEST_P(StaffLinks, ShowEverythingButTheToken) {
  const Reply reply = call("GET", "/api/v1/links/" + link().id);
  ASSERT_EQ(reply.status, 200) << reply.bytes;
  const Json json = reply.json();
  EXPECT_EQ(json["state"], "active");
  EXPECT_EQ(
      json["recipient"],
      (Json{{"name", "Bob"}, {"email", "bob@bank.example"}, {"phone", nullptr}, {"language", nullptr}}));
  EXPECT_EQ(json["expires"], "2026-01-15T00:00:00.000Z");
  EXPECT_TRUE(json["maximum_uses"].is_null());
  EXPECT_EQ(reply.bytes.find(address(json["id"]).substr(30)), std::string::npos);
}

TEST_P(StaffLinks, CopyTheAddress) {
  const std::string url = address(link().id);
  EXPECT_TRUE(url.starts_with("https://links.acme.example/l/")) << url;
  EXPECT_EQ(opens(url), Code::ok);
}

TEST_P(StaffLinks, RevokeAtOnceAndAgain) {
  const std::string id = link().id;
  const auto cut = firm_->links->watch(id);
  const Reply revoked = call("POST", "/api/v1/links/" + id + "/revoke");
  EXPECT_EQ(revoked.status, 200) << revoked.bytes;
  EXPECT_EQ(revoked.json()["state"], "revoked");
  EXPECT_EQ(revoked.json()["revoked"], "2026-01-01T00:00:00.000Z");
  EXPECT_TRUE(cut->load()) << "a running download goes on";
  EXPECT_EQ(call("POST", "/api/v1/links/" + id + "/revoke", "{}").status, 200);
  EXPECT_EQ(call("GET", "/api/v1/links/" + id + "/address").status, 410);
  EXPECT_EQ(call("POST", "/api/v1/links/" + id + "/reissue").json()["status"].get<int>() / 100, 4);
}

TEST_P(StaffLinks, ReissueKillsTheOldAddress) {
  const std::string id = link().id, before = address(id);
  EXPECT_EQ(call("POST", "/api/v1/links/" + id + "/reissue").status, 200);
  EXPECT_NE(address(id), before);
  EXPECT_EQ(opens(before), Code::not_found);
  EXPECT_EQ(opens(address(id)), Code::ok);
}

TEST_P(StaffLinks, MoveTheExpiry) {
  const std::string id = link().id;
  const Reply moved =
      call("PUT", "/api/v1/links/" + id + "/expiry", R"({"expires":"2026-01-20T12:00:00+02:00"})");
  EXPECT_EQ(moved.status, 200) << moved.bytes;
  EXPECT_EQ(moved.json()["expires"], "2026-01-20T10:00:00.000Z");
  clock_.advance(30 * kDay);
  EXPECT_EQ(call("GET", "/api/v1/links/" + id).json()["state"], "expired");
  EXPECT_EQ(
      call("PUT", "/api/v1/links/" + id + "/expiry", R"({"expires":"2026-02-20T00:00:00Z"})").json()["state"],
      "active");
}

TEST_P(StaffLinks, ChangeNothingWithGetAndHead) {
  const std::string id = link().id;
  const auto before = rows("select * from links"), keys = rows("select * from api_keys");
  const auto lines = count("audit");
  for (const std::string method : {"GET", "HEAD"})
    for (const std::string path :
         {"links", "accounts", "keys", "audit", "audit/verify", "messages", "plugins", "me"})
      EXPECT_EQ(call(method, "/api/v1/" + path).status, 200) << path;
  for (const std::string what : {"", "/address"})
    EXPECT_EQ(call("GET", "/api/v1/links/" + id + what).status, 200);
  EXPECT_EQ(count("audit"), lines);
  EXPECT_EQ(rows("select last_used_at, last_opened_at from links")[0][0].integer(), before[0][17].integer());
  EXPECT_EQ(rows("select last_used_at from api_keys")[0][0].integer(), 0);
  (void)keys;
}

}  // namespace
}  // namespace postern::staff
