// What staff may send, and the exact place of every mistake.
#include "input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "text.hpp"

namespace postern::share {
namespace {

using Json = nlohmann::json;
constexpr Timestamp kNow{1767258000000};  // 2026-01-01T09:00:00Z

Json good() {
  return Json::parse(
      R"({"documents": ["d1"], "recipients": [{"name": "Jane", "email": "jane@lumen.example"}]})");
}

TEST(NewShare, WithLittleSaidTakesTheFirmsSettings) {
  const auto read = read_share(good().dump(), {}, kNow);
  ASSERT_TRUE(read.ok()) << read.errors[0].detail;
  EXPECT_EQ(read.value.title, "");
  EXPECT_TRUE(read.value.notify);
  EXPECT_EQ(read.value.recipients[0].expires, kNow + 30 * kDay);
  EXPECT_EQ(read.value.recipients[0].maximum_uses, 0U);
}

TEST(NewShare, TakesEverythingThatCanBeSaid) {
  const auto read = read_share(R"({
      "title": " Annual accounts ", "message": "Dear Jane,\r\nhere they are.", "documents": ["d1", "d2"],
      "from": {"name": "Ana Ruiz", "email": "ana@acme.example"}, "notify": false, "expires_in_days": 10,
      "recipients": [
        {"name": "Jane", "email": "jane@lumen.example", "language": "ja", "maximum_uses": 3},
        {"phone": "+34910000000", "expires": "2026-01-02T10:00:00+01:00"},
        {"name": "Only a name"}]})",
                               {}, kNow);
  ASSERT_TRUE(read.ok()) << read.errors[0].detail;
  EXPECT_EQ(read.value.title, "Annual accounts");
  EXPECT_EQ(read.value.message, "Dear Jane,\nhere they are.");
  EXPECT_EQ(read.value.from_name, "Ana Ruiz");
  EXPECT_EQ(read.value.documents.size(), 2U);
  EXPECT_EQ(read.value.recipients[0].expires, kNow + 10 * kDay);
  EXPECT_EQ(read.value.recipients[0].maximum_uses, 3U);
  EXPECT_EQ(read.value.recipients[0].language, "ja");
  EXPECT_EQ(read.value.recipients[1].expires, kNow + kDay);
  EXPECT_EQ(read.value.recipients[2].name, "Only a name");
}

struct Bad {
  const char* what;
  std::string pointer;
  std::function<void(Json&)> spoil;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.what; }

Json many(int count, const std::function<Json(int)>& make) {
  Json list = Json::array();
  for (int i = 0; i < count; ++i) list.push_back(make(i));
  return list;
}

std::vector<Bad> bad_shares() {
  const auto set = [](const char* pointer, Json value) {
    return [pointer, value](Json& json) { json[Json::json_pointer(pointer)] = value; };
  };
  return {
      {"no documents", "/documents", [](Json& json) { json.erase("documents"); }},
      {"documents null", "/documents", set("/documents", nullptr)},
      {"documents empty", "/documents", set("/documents", Json::array())},
      {"documents a text", "/documents", set("/documents", "d1")},
      {"over 100 documents", "/documents",
       set("/documents", many(101, [](int i) { return "d" + std::to_string(i); }))},
      {"a number among the documents", "/documents/0", set("/documents/0", 7)},
      {"an empty document id", "/documents/0", set("/documents/0", "")},
      {"a document id without end", "/documents/0", set("/documents/0", std::string(65, 'd'))},
      {"the same document twice", "/documents/1", set("/documents/1", "d1")},
      {"no recipients", "/recipients", [](Json& json) { json.erase("recipients"); }},
      {"recipients empty", "/recipients", set("/recipients", Json::array())},
      {"recipients an object", "/recipients", set("/recipients", Json::object())},
      {"over 200 recipients", "/recipients",
       set("/recipients", many(201,
                               [](int i) {
                                 return Json{{"email", "r" + std::to_string(i) + "@lumen.example"}};
                               }))},
      {"a recipient that is a text", "/recipients/0", set("/recipients/0", "jane@lumen.example")},
      {"a recipient without an address", "/recipients/0/email", set("/recipients/0", Json{{"name", "Jane"}})},
      {"a recipient of nothing", "/recipients/0/email", set("/recipients/0", Json::object())},
      {"a bad address", "/recipients/0/email", set("/recipients/0/email", "jane@lumen,example")},
      {"two addresses", "/recipients/0/email", set("/recipients/0/email", "a@b.example, c@d.example")},
      {"an address with a header in it", "/recipients/0/email",
       set("/recipients/0/email", "a@b.example\nBcc: c@d.example")},
      {"the same recipient twice", "/recipients/1",
       set("/recipients/1", Json{{"email", "JANE@lumen.example"}})},
      {"a bad phone", "/recipients/0/phone", set("/recipients/0/phone", "910 000 000")},
      {"a bad language", "/recipients/0/language", set("/recipients/0/language", "en_US")},
      {"a name over 200 characters", "/recipients/0/name", set("/recipients/0/name", std::string(201, 'x'))},
      {"a name of two lines", "/recipients/0/name", set("/recipients/0/name", "Jane\nMiller")},
      {"no uses at all", "/recipients/0/maximum_uses", set("/recipients/0/maximum_uses", 0)},
      {"half a use", "/recipients/0/maximum_uses", set("/recipients/0/maximum_uses", 1.5)},
      {"uses beyond counting", "/recipients/0/maximum_uses", set("/recipients/0/maximum_uses", UINT64_MAX)},
      {"a field nobody knows", "/recipients/0/mail", set("/recipients/0/mail", "jane@lumen.example")},
      {"a title over 200 characters", "/title", set("/title", std::string(201, 'x'))},
      {"a title with a control character", "/title", set("/title", "Annual\x07")},
      {"a title that turns the direction", "/title", set("/title", "accounts\u202Efdp.exe")},
      {"a title that is a number", "/title", set("/title", 2026)},
      {"a message over 2000 characters", "/message", set("/message", std::string(2001, 'x'))},
      {"a message with a bell", "/message", set("/message", "ding\a")},
      {"an expiry in the past", "/expires", set("/expires", "2025-12-31T00:00:00Z")},
      {"an expiry right now", "/expires", set("/expires", "2026-01-01T09:00:00Z")},
      {"an expiry beyond the longest", "/expires", set("/expires", "2027-01-02T00:00:00Z")},
      {"an expiry without a zone", "/expires", set("/expires", "2026-02-01T00:00:00")},
      {"an expiry that is no day", "/expires", set("/expires", "2026-02-30T00:00:00Z")},
      {"an expiry in words", "/expires", set("/expires", "tomorrow")},
      {"an expiry as a number", "/expires", set("/expires", 1798761600)},
      {"days below one", "/expires_in_days", set("/expires_in_days", 0)},
      {"days beyond the longest", "/expires_in_days", set("/expires_in_days", 366)},
      {"expiry said twice", "/expires",
       [](Json& json) {
         json.update({{"expires", "2026-02-01T00:00:00Z"}, {"expires_in_days", 5}});
       }},
      {"a recipient's expiry in the past", "/recipients/0/expires",
       set("/recipients/0/expires", "2020-01-01T00:00:00Z")},
      {"notify as a text", "/notify", set("/notify", "yes")},
      {"from as a text", "/from", set("/from", "Ana Ruiz")},
      {"from without a name", "/from/name", set("/from", Json{{"email", "ana@acme.example"}})},
      {"from with a bad address", "/from/email", set("/from", Json{{"name", "Ana"}, {"email", "ana"}})},
      {"from with a field nobody knows", "/from/role",
       set("/from", Json{{"name", "Ana"}, {"role", "owner"}})},
      {"a field nobody knows at the top", "/mesage", set("/mesage", "hello")},
      {"a field with a slash in its name", "/a~1b~0c", [](Json& json) { json["a/b~c"] = 1; }},
  };
}

class BadShare : public testing::TestWithParam<Bad> {};

TEST_P(BadShare, IsRefusedAtItsPlaceAndNowhereElse) {
  Json json = good();
  GetParam().spoil(json);
  const auto read = read_share(json.dump(-1, ' ', false, Json::error_handler_t::replace), {}, kNow);
  ASSERT_EQ(read.errors.size(), 1U) << (read.ok() ? "it was taken" : read.errors[1].pointer);
  EXPECT_EQ(read.errors[0].pointer, GetParam().pointer) << read.errors[0].detail;
  EXPECT_TRUE(characters(read.errors[0].detail, Lines::one)) << read.errors[0].detail;
  EXPECT_LT(read.errors[0].detail.size(), 300U);
}

INSTANTIATE_TEST_SUITE_P(Table, BadShare, testing::ValuesIn(bad_shares()));

TEST(NewShare, SaysEveryMistakeAtOnceInTheOrderOfTheBody) {
  const auto read =
      read_share(R"({"title": 1, "documents": [], "recipients": [{"email": "x"}, 5], "zebra": 1})", {}, kNow);
  std::vector<std::string> pointers;
  for (const auto& error : read.errors) pointers.push_back(error.pointer);
  EXPECT_THAT(pointers,
              testing::ElementsAre("/title", "/documents", "/recipients/0/email", "/recipients/1", "/zebra"));
}

TEST(NewShare, SaysWhatWasFoundAndWhatIsWanted) {
  Json json = good();
  json["recipients"][0]["email"] = "jane";
  EXPECT_EQ(read_share(json.dump(), {}, kNow).errors[0].detail,
            "\"email\" is \"jane\"; wanted is one email address such as \"jane@example.com\".");
  json = good();
  json["expires"] = "2025-12-31T00:00:00Z";
  EXPECT_EQ(read_share(json.dump(), {}, kNow).errors[0].detail,
            "\"expires\" is \"2025-12-31T00:00:00Z\", which has passed; wanted is a time to come.");
}

TEST(NewShare, HoldsTheFirmsOwnLimits) {
  Limits limits;
  limits.documents = 1;
  limits.recipients = 1;
  limits.message = 3;
  limits.expires_maximum = 12 * kHour;
  Json json = good();
  EXPECT_EQ(read_share(json.dump(), limits, kNow).value.recipients[0].expires, kNow + 12 * kHour);
  json["documents"].push_back("d2");
  json["recipients"].push_back({{"email", "x@y.example"}});
  json["message"] = "four";
  EXPECT_EQ(read_share(json.dump(), limits, kNow).errors.size(), 3U);
}

TEST(NewShare, NeedsSomethingToNameARecipientBy) {
  Json json = good();
  json["notify"] = false;
  json["recipients"][0] = Json::object();
  const auto read = read_share(json.dump(), {}, kNow);
  ASSERT_EQ(read.errors.size(), 1U);
  EXPECT_EQ(read.errors[0].pointer, "/recipients/0");
}

TEST(Body, ThatIsNoObjectIsRefused) {
  for (const char* body : {"[]", "1", "null", "\"x\"", "{", "{\"a\":}", "\xff"}) {
    EXPECT_EQ(read_share(body, {}, kNow).errors.size(), 1U) << body;
    EXPECT_FALSE(read_nothing(body).ok()) << body;
    EXPECT_FALSE(read_expiry(body, {}, kNow).ok()) << body;
  }
  EXPECT_TRUE(read_nothing("").ok());
  EXPECT_TRUE(read_nothing("{}").ok());
  EXPECT_FALSE(read_nothing("{\"force\": true}").ok());
}

TEST(Expiry, IsATimeOrANumberOfDays) {
  EXPECT_EQ(read_expiry(R"({"expires": "2026-01-02T09:00:00Z"})", {}, kNow).value, kNow + kDay);
  EXPECT_EQ(read_expiry(R"({"expires_in_days": 1})", {}, kNow).value, kNow + kDay);
  EXPECT_FALSE(read_expiry("{}", {}, kNow).ok());
  EXPECT_TRUE(read_optional_expiry("{}", {}, kNow).ok());
}

}  // namespace
}  // namespace postern::share
