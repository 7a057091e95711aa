#include "activity.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "answer.hpp"
#include "kind.hpp"

namespace postern::share {
namespace {

const std::vector<std::string> kLines{
    R"({"seq":1,"at":10,"event":"link.issued","subject":"l1","actor":{"member":"Ana"},"details":{}})",
    R"({"seq":2,"at":20,"event":"message.sent","subject":"m1","actor":{"link":"l1"},"details":{"reference":"s1"}})",
    R"({"seq":3,"at":30,"event":"document.delivered","subject":"d1","actor":{"link":"l1"},"details":{"bytes":5}})",
    R"({"seq":4,"at":40,"event":"document.viewed","subject":"d1","actor":{"link":"l1"},"details":{}})",
    R"({"seq":5,"at":50,"event":"document.downloaded","subject":"d1","actor":{"link":"l1"},"details":{}})",
    R"({"seq":6,"at":60,"event":"document.downloaded","subject":"d1","actor":{"link":"l1"},"details":{}})",
    "not JSON",
    R"({"event":7,"at":"x"})",
};

TEST(Fates, AreTheLastTimeEachDocumentWentOutWhole) {
  const auto found = fates(kLines);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.at("d1").viewed.ms, 40);
  EXPECT_EQ(found.at("d1").downloaded.ms, 60);
}

TEST(Delivery, IsThatOfTheMessageQueuedLast) {
  EXPECT_EQ(delivery(kLines, "m1"), Delivery::sent);
  EXPECT_EQ(delivery(kLines, "m2"), Delivery::waiting);
  EXPECT_EQ(delivery(kLines, ""), Delivery::none);
  EXPECT_EQ(delivery({R"({"event":"message.failed","subject":"m1"})"}, "m1"), Delivery::failed);
}

TEST(Event, NamesDocumentLinkAndWho) {
  const auto event = event_json(kLines[4], {{"d1", "Annual accounts.pdf"}});
  EXPECT_EQ(event["sequence"], 5);
  EXPECT_EQ(event["at"], "1970-01-01T00:00:00.050Z");
  EXPECT_EQ(event["document"]["name"], "Annual accounts.pdf");
  EXPECT_EQ(event["link"], "l1");
  EXPECT_TRUE(event["member"].is_null());
  EXPECT_TRUE(event_json(kLines[0], {}).is_null());
  EXPECT_TRUE(event_json(kLines[6], {}).is_null());
}

TEST(Event, OfALinkNamesTheLinkItIsAbout) {
  const auto event =
      event_json(R"({"seq":9,"at":1,"event":"link.revoked","subject":"l1","actor":{"member":"Ana"}})", {});
  EXPECT_EQ(event["link"], "l1");
  EXPECT_EQ(event["member"], "Ana");
}

TEST(Progress, IsTheFurthestThingThatHappened) {
  RecipientView view;
  EXPECT_EQ(progress(view), "none");
  view.delivery = Delivery::failed;
  EXPECT_EQ(progress(view), "failed");
  view.link.last_opened = {1};
  EXPECT_EQ(progress(view), "opened");
  view.link.uses = 1;
  EXPECT_EQ(progress(view), "downloaded");
}

TEST(Kind, IsToldByTheTypeAndOnlySafeOnesAreShown) {
  EXPECT_EQ(kind_of("application/pdf"), "pdf");
  EXPECT_EQ(kind_of("image/svg+xml"), "image");
  EXPECT_EQ(kind_of("text/html"), "text");
  EXPECT_EQ(kind_of("application/octet-stream"), "other");
  for (const char* type :
       {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
    EXPECT_TRUE(is_viewable(type)) << type;
  for (const char* type :
       {"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/pdfx", ""})
    EXPECT_FALSE(is_viewable(type)) << type;
}

}  // namespace
}  // namespace postern::share
