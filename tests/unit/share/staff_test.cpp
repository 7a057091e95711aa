#include "plugin_fixture.hpp"
#include "text.hpp"

namespace postern::share {
namespace {

using StaffTest = SharePluginTest;

TEST_F(StaffTest, ASharePinsDocumentsIssuesOneLinkEachAndQueuesOneMessageEach) {
  const Json made = share();
  EXPECT_EQ(made["title"], "Annual accounts 2026");
  EXPECT_EQ(made["state"], "active");
  EXPECT_EQ(made["from"]["name"], "Ana Ruiz");
  EXPECT_EQ(made["created"], "2026-01-01T09:00:00.000Z");
  ASSERT_EQ(made["documents"].size(), 3U);
  EXPECT_EQ(made["documents"][0]["name"], "Covering letter.pdf");
  EXPECT_EQ(made["documents"][0]["version"], 1);
  ASSERT_EQ(made["recipients"].size(), 2U);
  EXPECT_EQ(made["recipients"][0]["progress"], "waiting");
  EXPECT_EQ(made["recipients"][0]["address"], "https://links.example/l/token-of-link-1-1");
  EXPECT_EQ(made["recipients"][0]["expires"], "2026-01-31T09:00:00.000Z");
  EXPECT_EQ(made["recipients"][1]["maximum_uses"], 2);

  ASSERT_EQ(host.links.all.size(), 2U);
  EXPECT_EQ(host.links.all[0].resource, made["id"]);
  EXPECT_EQ(host.links.all[1].language, "ja");
  EXPECT_EQ(host.links.all[0].issued_by, "member:1");

  ASSERT_EQ(host.notifier.messages.size(), 2U);
  const auto& message = host.notifier.messages[0];
  EXPECT_EQ(message.key, "share.sent");
  EXPECT_EQ(message.email, "jane@lumen.example");
  EXPECT_EQ(message.link, "link-1");
  EXPECT_EQ(message.member_name, "Ana Ruiz");
  EXPECT_EQ(message.member_email, "ana@acme.example");
  EXPECT_EQ(message.quotation, "Dear Jane, here they are.");
  EXPECT_EQ(message.reference, made["id"]);
  EXPECT_EQ(Json::parse(message.values), Json::parse(R"({"count": 3, "bytes": 4203000, "titled": "yes",
                                                         "title": "Annual accounts 2026"})"));

  ASSERT_EQ(host.audit.lines.size(), 1U);
  EXPECT_EQ(host.audit.lines[0].event, "share.created");
  EXPECT_EQ(host.audit.lines[0].subject, made["id"]);
}

TEST_F(StaffTest, NoTokenGetsIntoTheDatabaseTheAuditOrAMessage) {
  share();
  for (const auto& line : host.audit.lines) EXPECT_EQ(line.details.find("token-of"), std::string::npos);
  for (const auto& message : host.notifier.messages)
    EXPECT_EQ(message.values.find("token-of"), std::string::npos);
  const auto cells = host.database.look([](Tx tx) {
    return tx.rows("select link_id || name || email || message_id from share_recipients").value();
  });
  for (const Row& row : cells) EXPECT_EQ(row.text(0).find("token-of"), std::string::npos);
}

TEST_F(StaffTest, AnUnnamedShareOfOneDocumentIsNamedAfterIt) {
  Json what = body();
  what["documents"] = {letter};
  what.erase("title");
  EXPECT_EQ(share(what)["title"], "Covering letter.pdf");
  what["documents"] = {letter, accounts};
  EXPECT_TRUE(share(what)["title"].is_null());
}

TEST_F(StaffTest, AProgramSharesForTheFirmUnlessItSaysForWhom) {
  Member program = me();
  program.id = "key:1";
  program.name = "nightly export";
  Json what = body();
  auto answer = staff("create", "POST", what, {}, program);
  EXPECT_TRUE(Json::parse(answer.bytes)["from"].is_null());
  EXPECT_EQ(Json::parse(answer.bytes)["created_by"]["name"], "nightly export");
  EXPECT_EQ(host.notifier.messages[0].member_name, "");
  what["from"] = {{"name", "Ana Ruiz"}};
  answer = staff("create", "POST", what, {}, program);
  EXPECT_EQ(Json::parse(answer.bytes)["from"]["name"], "Ana Ruiz");
}

TEST_F(StaffTest, UnknownDocumentsAreNamedBesideOtherMistakesAndNothingIsKept) {
  Json what = body();
  what["documents"] = {letter, "document-99", accounts, "document-98"};
  what["recipients"][1]["email"] = "nobody";
  const auto answer = staff("create", "POST", what);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.type, "application/problem+json");
  EXPECT_THAT(pointers(answer), ElementsAre("#/recipients/1/email", "#/documents/1", "#/documents/3"));
  EXPECT_EQ(rows("share_shares"), 0);
  EXPECT_TRUE(host.links.all.empty());
  EXPECT_TRUE(host.notifier.messages.empty());
  EXPECT_TRUE(host.audit.lines.empty());
}

TEST_F(StaffTest, WithoutNotifyNothingIsSent) {
  Json what = body();
  what["notify"] = false;
  what["recipients"].push_back({{"name", "On paper"}});
  const Json made = share(what);
  EXPECT_TRUE(host.notifier.messages.empty());
  EXPECT_EQ(made["recipients"][2]["progress"], "none");
  EXPECT_TRUE(made["recipients"][2]["notified"].is_null());
}

TEST_F(StaffTest, AFailureOfAnyServiceAtAnyStepLeavesNothingBehind) {
  for (auto* faulty : host.faults()) {
    for (int step = 0;; ++step) {
      ASSERT_LT(step, 200) << faulty->service();
      faulty->fail_at(step, Code::unavailable);
      const int before = faulty->calls();
      const auto answer = staff("create", "POST", body());
      const bool reached = faulty->calls() - before > step;
      faulty->fail_no_more();
      if (!reached) {
        EXPECT_EQ(answer.status, 201) << faulty->service();
        break;
      }
      EXPECT_EQ(answer.code, Code::unavailable) << faulty->service() << " at " << step;
      EXPECT_FALSE(answer.error.message.empty());
    }
    // Each service let one share through in the end.
    EXPECT_EQ(rows("share_shares") * 2, static_cast<std::int64_t>(host.links.all.size()));
    EXPECT_EQ(rows("share_recipients"), static_cast<std::int64_t>(host.links.all.size()));
    EXPECT_EQ(host.notifier.messages.size(), host.links.all.size());
    EXPECT_EQ(host.audit.lines.size() * 2, host.links.all.size());
  }
}

TEST_F(StaffTest, EveryOtherOperationAnswersAFailureOfAServiceCleanly) {
  const Json made = share();
  const std::string id = made["id"], link = made["recipients"][0]["link"];
  const Json more{{"recipients", {{{"email", "lee@lumen.example"}}}}};
  const std::vector<std::tuple<std::string, std::string, Json>> operations{
      {"list", "GET", {}},
      {"get", "GET", {}},
      {"events", "GET", {}},
      {"set_expiry", "PUT", {{"expires_in_days", 3}}},
      {"resend", "POST", {}},
      {"reissue", "POST", {{"expires_in_days", 9}}},
      {"add_recipients", "POST", more},
      {"revoke_recipient", "POST", {}},
      {"revoke", "POST", {}}};
  for (const auto& [route, method, body] : operations) {
    for (auto* faulty : host.faults()) {
      for (int step = 0; step < 30; ++step) {
        faulty->fail_at(step, Code::unavailable);
        const int before = faulty->calls();
        const auto links = host.links.all.size();
        const auto messages = host.notifier.messages.size();
        const auto answer = staff(route, method, body.is_null() ? Json::object() : body,
                                  {{"share", id}, {"recipient", link}});
        const bool reached = faulty->calls() - before > step;
        faulty->fail_no_more();
        if (!reached) break;
        EXPECT_EQ(answer.code, Code::unavailable) << route << ", " << faulty->service() << " at " << step;
        EXPECT_EQ(host.links.all.size(), links);
        EXPECT_EQ(host.notifier.messages.size(), messages);
      }
      if (route == "add_recipients" || route == "revoke" || route == "revoke_recipient")
        break;  // they work only once
    }
  }
}

TEST_F(StaffTest, AShareThatIsNotThereIsNotFound) {
  share();
  const Json more{{"recipients", {{{"email", "lee@lumen.example"}}}}};
  for (const auto& [route, method, body] : std::vector<std::tuple<std::string, std::string, Json>>{
           {"get", "GET", Json::object()},
           {"events", "GET", Json::object()},
           {"revoke", "POST", Json::object()},
           {"add_recipients", "POST", more},
           {"revoke_recipient", "POST", Json::object()},
           {"resend", "POST", Json::object()},
           {"reissue", "POST", Json::object()},
           {"set_expiry", "PUT", {{"expires_in_days", 3}}}})
    EXPECT_EQ(staff(route, method, body, {{"share", "0190"}, {"recipient", "link-1"}}).code, Code::not_found)
        << route;
}

TEST_F(StaffTest, ARecipientOfAnotherShareIsNotFound) {
  const Json mine = share(), other = share();
  const std::string foreign = other["recipients"][0]["link"];
  for (const char* route : {"revoke_recipient", "resend", "reissue"})
    EXPECT_EQ(on_recipient(route, mine["id"], foreign).code, Code::not_found) << route;
  EXPECT_EQ(on_recipient("set_expiry", mine["id"], foreign, {{"expires_in_days", 3}}).code, Code::not_found);
  EXPECT_EQ(host.links.find(foreign)->state, LinkState::active);
}

TEST_F(StaffTest, RevokingAShareEndsEveryLinkOnce) {
  const Json made = share();
  const auto answer = staff("revoke", "POST", Json::object(), {{"share", made["id"]}});
  const Json json = Json::parse(answer.bytes);
  EXPECT_EQ(json["state"], "revoked");
  EXPECT_EQ(json["counts"]["revoked"], 2);
  EXPECT_TRUE(json["recipients"][0]["address"].is_null());
  staff("revoke", "POST", Json::object(), {{"share", made["id"]}});
  EXPECT_EQ(host.audit.lines.size(), 2U) << "revoking again says nothing new";
  EXPECT_EQ(
      staff("add_recipients", "POST", {{"recipients", {{{"email", "x@y.example"}}}}}, {{"share", made["id"]}})
          .code,
      Code::conflict);
}

TEST_F(StaffTest, RevokingOneRecipientLeavesTheOthers) {
  const Json made = share();
  const auto answer = on_recipient("revoke_recipient", made["id"], "link-1");
  EXPECT_EQ(Json::parse(answer.bytes)["state"], "revoked");
  EXPECT_EQ(got(made["id"])["state"], "active");
  EXPECT_EQ(host.links.find("link-2")->state, LinkState::active);
  EXPECT_EQ(on_recipient("resend", made["id"], "link-1").code, Code::conflict);
  EXPECT_EQ(on_recipient("reissue", made["id"], "link-1").code, Code::conflict);
  EXPECT_EQ(on_recipient("set_expiry", made["id"], "link-1", {{"expires_in_days", 3}}).code, Code::conflict);
}

TEST_F(StaffTest, ResendSendsTheSameLinkAndReissueANewOne) {
  const Json made = share();
  auto answer = on_recipient("resend", made["id"], "link-1");
  EXPECT_EQ(Json::parse(answer.bytes)["address"], made["recipients"][0]["address"]);
  answer = on_recipient("reissue", made["id"], "link-1", {{"expires_in_days", 2}});
  EXPECT_NE(Json::parse(answer.bytes)["address"], made["recipients"][0]["address"]);
  EXPECT_EQ(Json::parse(answer.bytes)["expires"], "2026-01-03T09:00:00.000Z");
  ASSERT_EQ(host.notifier.messages.size(), 4U);
  EXPECT_EQ(host.notifier.messages[3].link, "link-1");
}

TEST_F(StaffTest, AnExpiredLinkIsReissuedOnlyWithANewEnd) {
  const Json made = share();
  host.clock.advance(31 * kDay);
  EXPECT_EQ(got(made["id"])["state"], "ended");
  EXPECT_EQ(on_recipient("resend", made["id"], "link-1").code, Code::conflict);
  EXPECT_EQ(on_recipient("reissue", made["id"], "link-1").code, Code::conflict);
  EXPECT_TRUE(on_recipient("reissue", made["id"], "link-1", {{"expires_in_days", 2}}).ok());
  const auto answer = on_recipient("set_expiry", made["id"], "link-2", {{"expires", "2026-03-01T00:00:00Z"}});
  EXPECT_EQ(Json::parse(answer.bytes)["state"], "active");
  EXPECT_EQ(host.links.find("link-2")->expires, *from_rfc3339("2026-03-01T00:00:00Z"));
}

TEST_F(StaffTest, ALinkWithoutAddressCannotBeSentAgain) {
  const Json made =
      share({{"documents", {letter}}, {"notify", false}, {"recipients", {{{"name", "On paper"}}}}});
  EXPECT_EQ(on_recipient("resend", made["id"], "link-1").code, Code::conflict);
  EXPECT_TRUE(on_recipient("reissue", made["id"], "link-1").ok());
  EXPECT_TRUE(host.notifier.messages.empty());
}

TEST_F(StaffTest, BadBodiesOfChangesAreRefused) {
  const Json made = share();
  for (const auto& [route, body] :
       std::vector<std::pair<std::string, Json>>{{"resend", {{"to", "other@lumen.example"}}},
                                                 {"revoke_recipient", {{"force", true}}},
                                                 {"reissue", {{"expires", "yesterday"}}},
                                                 {"set_expiry", Json::object()},
                                                 {"set_expiry", {{"expires", nullptr}}},
                                                 {"set_expiry", {{"expires", "2020-01-01T00:00:00Z"}}},
                                                 {"set_expiry", {{"expires", "2099-01-01T00:00:00Z"}}},
                                                 {"set_expiry", {{"expires_in_days", "3"}}}})
    EXPECT_EQ(on_recipient(route, made["id"], "link-1", body).status, 400) << route << " " << body;
  EXPECT_EQ(staff("revoke", "POST", {{"force", true}}, {{"share", made["id"]}}).status, 400);
  EXPECT_EQ(host.links.find("link-1")->expires, host.clock.now() + 30 * kDay);
}

TEST_F(StaffTest, RecipientsAreAddedUnlessTheyHaveALinkThatWorks) {
  const Json made = share();
  const auto add = [&](Json recipients) {
    return staff("add_recipients", "POST", {{"recipients", std::move(recipients)}}, {{"share", made["id"]}});
  };
  EXPECT_THAT(pointers(add({{{"email", "lee@lumen.example"}}, {{"email", "KEN@lumen.example"}}})),
              ElementsAre("#/recipients/1/email"));
  const auto answer = add({{{"email", "lee@lumen.example"}, {"name", "Lee"}}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(Json::parse(answer.bytes)["recipients"].size(), 3U);
  EXPECT_EQ(host.notifier.messages.back().email, "lee@lumen.example");
  on_recipient("revoke_recipient", made["id"], "link-1");
  EXPECT_EQ(add({{{"email", "jane@lumen.example"}}}).status, 201);
}

TEST_F(StaffTest, AShareNeverGetsMoreRecipientsThanTheFirmAllows) {
  Json what = body();
  for (int i = 0; i < 197; ++i)
    what["recipients"].push_back({{"email", "r" + std::to_string(i) + "@lumen.example"}});
  const Json made = share(what);
  ASSERT_EQ(made["recipients"].size(), 199U);
  const auto add = [&](Json recipients) {
    return staff("add_recipients", "POST", {{"recipients", std::move(recipients)}}, {{"share", made["id"]}});
  };
  EXPECT_THAT(pointers(add({{{"email", "a@x.example"}}, {{"email", "b@x.example"}}})),
              ElementsAre("#/recipients"));
  EXPECT_EQ(add({{{"email", "a@x.example"}}}).status, 201);
}

TEST_F(StaffTest, OnlyThoseWhoMayChangeThingsSeeAddresses) {
  const Json made = share();
  Member reader = me();
  reader.role = "read-only";
  EXPECT_TRUE(got(made["id"], reader)["recipients"][0]["address"].is_null());
  EXPECT_TRUE(got(made["id"])["recipients"][0]["address"].is_string());
}

TEST_F(StaffTest, TheFirmSeesWhoOpenedAndDownloaded) {
  const Json made = share();
  host.links.find("link-1")->last_opened = host.clock.now();
  EXPECT_EQ(got(made["id"])["recipients"][0]["progress"], "opened");
  host.links.find("link-2")->last_used = host.clock.now();
  host.links.find("link-2")->uses = 2;
  const Json seen = got(made["id"]);
  EXPECT_EQ(seen["recipients"][1]["progress"], "downloaded");
  EXPECT_EQ(seen["recipients"][1]["state"], "used-up");
  EXPECT_EQ(seen["counts"],
            Json::parse(R"({"recipients": 2, "opened": 2, "downloaded": 1, "active": 1, "expired": 0,
                                            "used_up": 1, "revoked": 0})"));
}

TEST_F(StaffTest, TheListIsNewestFirstAndPages) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    host.clock.advance(kSecond);
    ids.insert(ids.begin(), share()["id"].get<std::string>());
  }
  const auto page = [&](std::string after) {
    const auto answer = plugin.staff({.route = "list", .query = {{"limit", "2"}, {"after", after}}});
    EXPECT_TRUE(answer.ok());
    const Json json = Json::parse(answer.bytes);
    EXPECT_EQ(answer.headers.contains("Link"), !json["next"].is_null());
    return json;
  };
  const Json first = page("");
  EXPECT_EQ(first["items"][0]["id"], ids[0]);
  EXPECT_EQ(first["items"][0]["counts"]["recipients"], 2);
  const Json second = page(first["next"]), third = page(second["next"]);
  EXPECT_EQ(third["items"].size(), 1U);
  EXPECT_EQ(third["items"][0]["id"], ids[4]);
  EXPECT_TRUE(third["next"].is_null());
}

TEST_F(StaffTest, TheListIsFoundByRecipientAndDocument) {
  const Json first = share();
  share({{"documents", {table}}, {"recipients", {{{"email", "lee@lumen.example"}}}}});
  const auto count = [&](postern::testing::Fields query) {
    return Json::parse(plugin.staff({.route = "list", .query = std::move(query)}).bytes)["items"].size();
  };
  EXPECT_EQ(count({}), 2U);
  EXPECT_EQ(count({{"email", "ken@LUMEN.example"}}), 1U);
  EXPECT_EQ(count({{"document", letter}}), 1U);
  EXPECT_EQ(count({{"document", table}}), 2U);
  EXPECT_EQ(count({{"document", table}, {"email", "lee@lumen.example"}}), 1U);
  EXPECT_EQ(count({{"document", "document-99"}}), 0U);
}

TEST_F(StaffTest, ABadQueryIsRefused) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"limit", "0"},
                                                                                    {"limit", "201"},
                                                                                    {"limit", "x"},
                                                                                    {"limit", "5x"},
                                                                                    {"after", "x' or 1=1"},
                                                                                    {"email", "x"}}) {
    const auto answer = plugin.staff({.route = "list", .query = {{name, value}}});
    EXPECT_EQ(answer.status, 400) << name << "=" << value;
    EXPECT_EQ(Json::parse(answer.bytes)["errors"][0]["parameter"], name);
  }
}

TEST_F(StaffTest, EventsAreThoseOfTheShareAndItsLinksInOrder) {
  const Json made = share();
  host.database.look([&](Tx tx) {
    KeptError error;
    Transaction& transaction = tx;
    host.audit.append(transaction, "link.opened", "link-1", "{}", error);
    host.audit.append(transaction, "link.opened", "link-77", "{}", error);
  });
  on_recipient("resend", made["id"], "link-1");
  const auto answer = staff("events", "GET", Json::object(), {{"share", made["id"]}});
  std::vector<std::string> events;
  const Json timeline = Json::parse(answer.bytes);
  for (const Json& event : timeline["items"]) events.push_back(event["event"]);
  EXPECT_THAT(events, ElementsAre("share.created", "link.opened", "share.resent"));
}

TEST(Settings, WithADefaultBeyondTheLongestAreRefused) {
  postern::testing::PluginUnderTest<SharePlugin> plugin;
  plugin.host.settings.set("expires", 2 * kDay);
  plugin.host.settings.set("expires_maximum", kDay);
  const auto started = plugin.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message, "expires is longer than expires_maximum; make it at most as long");
}

}  // namespace
}  // namespace postern::share
