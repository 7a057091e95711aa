// The plugin's templates and texts, drawn by the host in both languages: every state a recipient may meet.
#include <filesystem>

#include "host/services/pages.hpp"
#include "plugin_fixture.hpp"

namespace postern::share {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

services::Files files(const std::filesystem::path& folder) {
  services::Files found;
  for (const char* part : {"pages", "messages"})
    for (const auto& entry : std::filesystem::directory_iterator(folder / part)) {
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream content;
      content << file.rdbuf();
      found[std::string(part) + "/" + entry.path().filename().string()] = content.str();
    }
  return found;
}

class PagesTest : public SharePluginTest {
 protected:
  PagesTest() {
    services::Branding look;
    look.firm = "Acme Tax";
    look.contact_email = "office@acme.example";
    look.languages = {"en", "ja"};
    look.time_zone = "Europe/Madrid";
    auto made = services::Pages::create(files(HOST_WEB_FOLDER), look,
                                        [](std::string_view name) { return "/assets/" + std::string(name); });
    if (!made.ok()) throw std::runtime_error(made.error().message);
    pages = std::move(made).value();
    const auto added = pages->add_plugin("share", files(SHARE_FOLDER));
    if (!added.ok()) throw std::runtime_error(added.error().message);
  }

  /// What the recipient of link-1 gets, in the frame, with what the host adds to the values.
  std::string drawn(const std::string& language, postern::testing::Call call = {.route = "page"}) {
    const auto answer = plugin.recipient(call, "link-1");
    Json values = Json::parse(answer.values);
    values["base"] = "/l/TOKEN";
    values["expires"] = host.links.find("link-1")->expires.ms;
    const auto page = pages->page("share", answer.page, language, values.dump());
    return page.ok() ? *page : "not drawn: " + page.error().message;
  }

  std::unique_ptr<services::Pages> pages;
};

TEST_F(PagesTest, SeveralDocumentsAreAListWithTwoLinksEach) {
  share();
  const std::string page = drawn("en");
  EXPECT_THAT(page, HasSubstr("<title>3 documents for you · Acme Tax</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>Ana Ruiz of Acme Tax shares 3 documents with you</h1>"));
  EXPECT_THAT(page, HasSubstr("Available until January 31, 2026 at 10:00"));
  EXPECT_THAT(page, HasSubstr("Central European Time."));
  EXPECT_THAT(page, HasSubstr("<h2>Annual accounts 2026</h2>"));
  EXPECT_THAT(page, HasSubstr("PDF, 4.2 MB"));
  EXPECT_THAT(page, HasSubstr("href=\"/l/TOKEN/documents/document-1/view\""));
  EXPECT_THAT(page, HasSubstr("href=\"/l/TOKEN/documents/document-3\" download"));
  EXPECT_THAT(page, Not(HasSubstr("document-3/view")));
  EXPECT_THAT(page, Not(HasSubstr("main-button")));
  EXPECT_THAT(page, HasSubstr("You see this page because Acme Tax sent you a link to it."));
}

TEST_F(PagesTest, OneDocumentIsAButtonThatSaysItsSize) {
  share({{"documents", {letter}}, {"recipients", {{{"email", "jane@lumen.example"}}}}});
  const std::string page = drawn("en");
  EXPECT_THAT(page, HasSubstr("<h1>Ana Ruiz of Acme Tax shares a document with you</h1>"));
  EXPECT_THAT(page, HasSubstr(">Download (4.2 MB)</a>"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>")));
  EXPECT_THAT(page, Not(HasSubstr("<blockquote")));
}

TEST_F(PagesTest, WhatIsMissingIsSaidAndCannotBeClicked) {
  share();
  std::erase_if(host.documents.all, [&](const auto& document) { return document.id == letter; });
  const std::string page = drawn("en");
  EXPECT_THAT(page, HasSubstr("One document is no longer there. If you need it, ask Acme Tax."));
  EXPECT_THAT(page, HasSubstr("This document is no longer there."));
  EXPECT_THAT(page, Not(HasSubstr("documents/document-1")));
  const postern::testing::Call call{.route = "download", .parameters = {{"document", letter}}};
  const std::string gone = drawn("en", call);
  EXPECT_THAT(gone, HasSubstr("<h1>This document is no longer there</h1>"));
  EXPECT_THAT(gone, HasSubstr("“Covering letter.pdf”"));
  EXPECT_THAT(gone, HasSubstr("href=\"/l/TOKEN\""));
}

TEST_F(PagesTest, AnEmptyOnlyDocumentLeavesNoButton) {
  share({{"documents", {letter}}, {"recipients", {{{"email", "jane@lumen.example"}}}}});
  host.documents.all.clear();
  EXPECT_THAT(drawn("en"), Not(HasSubstr("main-button")));
}

TEST_F(PagesTest, NothingThatStaffOrDocumentsAreCalledIsReadAsMarkup) {
  const std::string hostile = "<img src=x>{{firm}}{firm}'\"&";
  const std::string named = host.documents.add(hostile);
  share({{"documents", {named, letter}},
         {"title", hostile},
         {"message", hostile},
         {"from", {{"name", hostile}}},
         {"recipients", {{{"email", "jane@lumen.example"}}}}});
  for (const char* language : {"en", "ja"}) {
    const std::string page = drawn(language);
    EXPECT_THAT(page, HasSubstr("&lt;img src=x&gt;{{firm}}{firm}&#39;&quot;&amp;"));
    EXPECT_THAT(page, Not(HasSubstr("<img src=x>")));
  }
}

TEST_F(PagesTest, TheFirmItselfSharesInBothLanguages) {
  Member program = me();
  program.id = "key:1";
  staff("create", "POST", body(), {}, program);
  EXPECT_THAT(drawn("en"), HasSubstr("<h1>Acme Tax shares 3 documents with you</h1>"));
  EXPECT_THAT(drawn("ja"), HasSubstr("<h1>Acme Taxより、3件の書類が届いています</h1>"));
}

TEST_F(PagesTest, EveryStateIsDrawnInJapanese) {
  Json what = body();
  what["recipients"][0]["maximum_uses"] = 3;
  share(what);
  std::erase_if(host.documents.all, [&](const auto& document) { return document.id == letter; });
  const std::string page = drawn("ja");
  EXPECT_THAT(page, HasSubstr("<h1>Acme TaxのAna Ruizより、3件の書類が届いています</h1>"));
  EXPECT_THAT(page, HasSubstr("2026年1月31日"));
  EXPECT_THAT(page, HasSubstr("書類1件の公開が終了しています。"));
  EXPECT_THAT(page, HasSubstr("あと3回です。"));
  EXPECT_THAT(page, HasSubstr("表計算"));
}

TEST_F(PagesTest, TheMessageHasItsTextsWithTheValuesThatWereQueued) {
  share();
  for (const auto& [language, subject] :
       {std::pair("en", "Acme Tax shares 3 documents with you: Annual accounts 2026"),
        std::pair("ja", "【Acme Tax】書類3件のご案内：Annual accounts 2026")}) {
    Json values = Json::parse(host.notifier.messages[0].values);
    values.update({{"firm", "Acme Tax"}, {"member", "Ana Ruiz"}, {"by", "member"}});
    EXPECT_EQ(*pages->text("share", language, "share.sent.subject", values.dump()), subject);
    for (const char* part : {"share.sent.text", "share.sent.button", "share.sent.why"}) {
      const auto text = pages->text("share", language, part, values.dump());
      ASSERT_TRUE(text.ok()) << text.error().message;
      EXPECT_FALSE(text->empty());
    }
  }
  Json one{{"count", 1},         {"bytes", 1},           {"titled", "no"}, {"title", ""},
           {"firm", "Acme Tax"}, {"member", "Acme Tax"}, {"by", "firm"}};
  EXPECT_EQ(*pages->text("share", "en", "share.sent.subject", one.dump()),
            "Acme Tax shares a document with you");
  EXPECT_EQ(*pages->text("share", "en", "share.sent.text", one.dump()),
            "Acme Tax shares a document with you. You can view and download it in your browser, without an "
            "account.");
}

}  // namespace
}  // namespace postern::share
