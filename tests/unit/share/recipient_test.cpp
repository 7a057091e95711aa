#include "plugin_fixture.hpp"

namespace postern::share {
namespace {

class RecipientTest : public SharePluginTest {
 protected:
  Json page(const std::string& link = "link-1") {
    const auto answer = plugin.recipient({.route = "page"}, link);
    EXPECT_EQ(answer.page, "share.html") << answer.error.message;
    return Json::parse(answer.values);
  }
  postern::testing::Answer fetch(const std::string& document, const std::string& route = "download",
                                 const std::string& link = "link-1") {
    return plugin.recipient({.route = route, .parameters = {{"document", document}}}, link);
  }
};

TEST_F(RecipientTest, ThePageSaysWhoSharesWhat) {
  share();
  const Json values = page();
  EXPECT_EQ(values["by"], "member");
  EXPECT_EQ(values["member"], "Ana Ruiz");
  EXPECT_EQ(values["count"], 3);
  EXPECT_EQ(values["title"], "Annual accounts 2026");
  EXPECT_EQ(values["message"], "Dear Jane, here they are.");
  EXPECT_FALSE(values.contains("main"));
  EXPECT_FALSE(values.contains("limited"));
  ASSERT_EQ(values["documents"].size(), 3U);
  EXPECT_EQ(values["documents"][0],
            Json::parse(R"({"id": "document-1", "name": "Covering letter.pdf", "kind": "pdf",
                                                    "bytes": 4200000, "there": true, "viewable": true})"));
  EXPECT_EQ(values["documents"][2]["kind"], "sheet");
  EXPECT_EQ(values["documents"][2]["viewable"], false);
}

TEST_F(RecipientTest, OneDocumentIsTheMainButton) {
  Json what = body();
  what["documents"] = {letter};
  what.erase("title");
  share(what);
  const Json values = page();
  EXPECT_EQ(values["main"]["bytes"], 4200000);
  EXPECT_EQ(values["several"], false);
  EXPECT_EQ(values["heading"], false) << "the document's name says it already";
}

TEST_F(RecipientTest, ThePageCountsTheDownloadsThatAreLeft) {
  share();
  EXPECT_EQ(page("link-2")["left"], 2);
  host.links.find("link-2")->uses = 1;
  EXPECT_EQ(page("link-2")["left"], 1);
}

TEST_F(RecipientTest, ADocumentThatIsGoneIsSaidToBeGone) {
  share();
  std::erase_if(host.documents.all, [&](const auto& document) { return document.id == letter; });
  const Json values = page();
  EXPECT_EQ(values["missing"], 1);
  EXPECT_EQ(values["documents"][0]["there"], false);
  EXPECT_EQ(values["documents"][0]["viewable"], false);
  EXPECT_EQ(values["documents"][0]["name"], "Covering letter.pdf");
  const auto answer = fetch(letter);
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.page, "gone.html");
  EXPECT_TRUE(answer.document.empty());
}

TEST_F(RecipientTest, TheVersionThatWasSharedIsTheOneThatIsDelivered) {
  share();
  host.documents.add("Covering letter.pdf", 9'999'999);
  const auto answer = fetch(letter);
  EXPECT_EQ(answer.document, letter);
  EXPECT_EQ(answer.version, 1U);
  EXPECT_EQ(answer.disposition, Disposition::attachment);
  EXPECT_EQ(page()["documents"][0]["bytes"], 4'200'000);
}

TEST_F(RecipientTest, OnlyWhatBrowsersShowSafelyIsShown) {
  share();
  EXPECT_EQ(fetch(letter, "view").disposition, Disposition::inline_view);
  EXPECT_EQ(fetch(table, "view").disposition, Disposition::attachment);
}

TEST_F(RecipientTest, DocumentsOfOtherSharesAreNotThere) {
  share({{"documents", {letter}}, {"recipients", {{{"email", "jane@lumen.example"}}}}});
  share({{"documents", {accounts}}, {"recipients", {{{"email", "lee@lumen.example"}}}}});
  EXPECT_EQ(fetch(letter, "download", "link-1").document, letter);
  for (const std::string& foreign :
       {accounts, table, std::string("document-99"), std::string("' or 1=1 --"), std::string()}) {
    EXPECT_EQ(fetch(foreign, "download", "link-1").code, Code::not_found) << foreign;
    EXPECT_EQ(fetch(foreign, "view", "link-1").code, Code::not_found) << foreign;
  }
}

TEST_F(RecipientTest, FailuresOfServicesAreToldAsTheyAre) {
  share();
  host.links.find("link-1")->last_used = host.clock.now();
  for (auto* faulty : host.faults()) {
    for (const char* route : {"page", "download"}) {
      for (int step = 0; step < 20; ++step) {
        const int before = faulty->calls();
        faulty->fail_at(step, Code::unavailable);
        const auto answer = fetch(letter, route);
        const bool reached = faulty->calls() - before > step;
        faulty->fail_no_more();
        if (!reached) break;
        EXPECT_EQ(answer.code, Code::unavailable) << route << ", " << faulty->service() << " at " << step;
      }
    }
  }
}

TEST_F(RecipientTest, ALinkToAShareThatIsNotThereOpensNothing) {
  LinkInfo link;
  link.id = "link-9";
  link.resource = "nowhere";
  postern::testing::Answer answer;
  const postern::testing::Call call{.route = "page"};
  SharePlugin other;
  postern::testing::FakeHost empty;
  empty.settings.set("expires_maximum", kDay);
  empty.database.apply(plugin_file("schema.sql"));
  KeptError error;
  ASSERT_EQ(other.configure(empty, empty.settings, error), Code::ok);
  EXPECT_EQ(empty.recipient(other, call, link).code, Code::not_found);
}

}  // namespace
}  // namespace postern::share
