// Paging through lists longer than a page, and the filters.
#include <algorithm>

#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class Lists : public StaffTest {
 protected:
  /// Walks every page by "next" and gives the named field of all items; checks that Link says the same.
  std::vector<Json> walk(const std::string& target, const std::string& field, int& pages) {
    std::vector<Json> all;
    std::string at = target;
    for (pages = 1; pages < 1000; ++pages) {
      const Reply reply = call("GET", at);
      EXPECT_EQ(reply.status, 200) << at << " " << reply.bytes;
      const Json json = reply.json();
      for (const Json& item : json["items"]) all.push_back(item[field]);
      if (json["next"].is_null()) {
        EXPECT_FALSE(reply.fields.has("Link"));
        return all;
      }
      const std::string next = json["next"], mark = target.find('?') == std::string::npos ? "?" : "&";
      const std::string link = reply.header("Link");
      EXPECT_NE(link.find("after=" + next + ">; rel=\"next\""), std::string::npos) << link;
      // What Link names is a target by itself, filters included.
      EXPECT_EQ(call("GET", link.substr(1, link.find('>') - 1)).bytes,
                call("GET", target + mark + "after=" + next).bytes);
      at = target + mark + "after=" + next;
    }
    ADD_FAILURE() << "no end";
    return all;
  }
};
POSTERN_ON_BOTH_DATABASES(Lists);

TEST_P(Lists, PageThroughMoreItemsThanOnePageHolds) {
  constexpr int kItems = 250;
  const auto made = firm_->database->write([&](db::HostTransaction& transaction) -> Result<int> {
    for (int i = 0; i < kItems; ++i) {
      auto account = firm_->documents->create_account(transaction, services::AccountKind::client,
                                                      "A" + std::to_string(i), "");
      if (!account.ok()) return account.error();
    }
    return 0;
  });
  ASSERT_TRUE(made.ok());
  for (const auto& [limit, wanted_pages] :
       {std::pair{"", 5}, {"?limit=7", 36}, {"?limit=125", 2}, {"?limit=200", 2}}) {
    int pages = 0;
    const auto ids = walk(std::string("/api/v1/accounts") + limit, "id", pages);
    EXPECT_EQ(pages, wanted_pages) << limit;
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(kItems));
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end())) << "oldest first";
    EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end()) << "none twice";
  }
  int pages = 0;
  const auto lines = walk("/api/v1/audit?limit=100", "sequence", pages);
  const auto newest = walk("/api/v1/audit?limit=100&order=newest", "sequence", pages);
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(count("audit")));
  EXPECT_TRUE(std::equal(lines.begin(), lines.end(), newest.rbegin(), newest.rend()));
}

TEST_P(Lists, PageThroughDocumentsFoldersLinksAndKeys) {
  const std::string where = folder();
  for (int i = 0; i < 5; ++i) {
    const std::string name = std::to_string(i) + ".txt";
    ASSERT_EQ(upload(where, name, {.body = name, .announced = name.size()}).status, 201);
    link();
    key(plugins::Role::member);
  }
  const std::string own = call("GET", "/api/v1/folders/" + where).json()["account"];
  for (int i = 0; i < 4; ++i)
    create("accounts/" + own + "/folders", {{"name", "F" + std::to_string(i)}, {"parent", where}});
  int pages = 0;
  EXPECT_EQ(walk("/api/v1/folders/" + where + "/documents?limit=2", "id", pages).size(), 5U);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(walk("/api/v1/accounts/" + own + "/folders?limit=2", "id", pages).size(), 5U);
  EXPECT_EQ(walk("/api/v1/links?limit=2&plugin=share", "id", pages).size(), 5U);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(walk("/api/v1/keys?limit=2", "id", pages).size(), 6U);
  EXPECT_EQ(pages, 3);
}

TEST_P(Lists, FilterLinks) {
  const std::string bob = link().id, eve = link("eve@bank.example").id;
  EXPECT_EQ(call("POST", "/api/v1/links/" + eve + "/revoke").status, 200);
  const auto ids = [&](const std::string& query) {
    std::vector<std::string> found;
    const Json reply = call("GET", "/api/v1/links?" + query).json();
    for (const Json& item : reply["items"]) found.push_back(item["id"]);
    return found;
  };
  EXPECT_EQ(ids(""), (std::vector{bob, eve}));
  EXPECT_EQ(ids("state=active"), std::vector{bob});
  EXPECT_EQ(ids("state=revoked"), std::vector{eve});
  EXPECT_EQ(ids("email=eve%40bank.example"), std::vector{eve});
  EXPECT_EQ(ids("plugin=share&resource=resource-1&state=active"), std::vector{bob});
  EXPECT_TRUE(ids("plugin=sign").empty());
  clock_.advance(15 * kDay);
  EXPECT_EQ(ids("state=expired"), std::vector{bob});
}

TEST_P(Lists, FilterTheAuditRecord) {
  const std::string own = account();
  clock_.advance(kHour);
  create("accounts/" + own + "/folders", {{"name", "F"}});
  EXPECT_EQ(call("GET", "/api/v1/audit?subject=" + own).json()["items"].size(), 1U);
  EXPECT_EQ(call("GET", "/api/v1/audit?from=2026-01-01T00:30:00Z").json()["items"].size(), 1U);
  EXPECT_EQ(call("GET", "/api/v1/audit?until=2026-01-01T00:30:00Z&event=key.created").json()["items"].size(),
            1U);
  EXPECT_EQ(call("GET", "/api/v1/audit?event=nothing.happened").json()["items"].size(), 0U);
  const std::string member = call("GET", "/api/v1/me").json()["key"]["id"];
  EXPECT_EQ(call("GET", "/api/v1/audit?member=key:" + member).json()["items"].size(), 2U);
}

TEST_P(Lists, VerifyTheAuditRecord) {
  account();
  const Json whole = call("GET", "/api/v1/audit/verify").json();
  EXPECT_EQ(whole["whole"], true);
  EXPECT_EQ(whole["lines"], count("audit"));
  EXPECT_TRUE(whole["fault"].is_null());
  change({"update audit set details = '{\"forged\":1}' where sequence = 1"});
  const Json forged = call("GET", "/api/v1/audit/verify").json();
  EXPECT_EQ(forged["whole"], false);
  EXPECT_EQ(forged["fault"]["sequence"], 1);
}

TEST_P(Lists, ShowMessages) {
  const auto queued = firm_->database->write([&](db::HostTransaction& transaction) {
    services::NewMessage message;
    message.plugin = "share";
    message.key = "share.sent";
    message.reference = "r1";
    message.name = "Bob";
    message.email = "bob@bank.example";
    return firm_->outbox->queue(transaction, message);
  });
  ASSERT_TRUE(queued.ok()) << queued.error().message;
  const Json items = call("GET", "/api/v1/messages?reference=r1").json()["items"];
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0]["id"], *queued);
  EXPECT_EQ(items[0]["state"], "waiting");
  EXPECT_EQ(items[0]["recipient"]["email"], "bob@bank.example");
  EXPECT_TRUE(items[0]["sent"].is_null());
  EXPECT_EQ(call("GET", "/api/v1/messages?reference=r2").json()["items"].size(), 0U);
}

}  // namespace
}  // namespace postern::staff
