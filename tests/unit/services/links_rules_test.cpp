// What a link may be issued with.
#include <functional>

#include "tests/unit/services/links_fixture.hpp"

namespace postern::services {
namespace {

class NewLinks : public LinksTest {};
POSTERN_ON_BOTH_DATABASES(NewLinks);

TEST_P(NewLinks, KeepTheirTimesWithinWhatTheFirmAllows) {
  const Timestamp now = clock_.now();
  const auto with = [&](Timestamp not_before, Timestamp expires) {
    NewLink wanted = plain();
    wanted.not_before = not_before;
    wanted.expires = expires;
    return issue(wanted);
  };
  EXPECT_EQ(with(now + 80 * kDay, {0})->expires, now + 90 * kDay);  // the default is cut to the maximum
  EXPECT_EQ(with(now + kDay, {0})->expires, now + 15 * kDay);
  EXPECT_TRUE(with({0}, now + 90 * kDay).ok());
  const struct {
    Timestamp not_before, expires;
    const char* message;
  } cases[] = {
      {{0}, now, "the link would have expired already; to end a link, revoke it"},
      {{0}, {-1}, "the link would have expired already; to end a link, revoke it"},
      {{0}, now + 90 * kDay + 1, "the link would live longer than 90 days, the most this firm allows"},
      {{0}, kNever, "the link would live longer than 90 days, the most this firm allows"},
      {now + kDay, now + kDay, "the link would expire before it begins"},
      {now + 91 * kDay, {0}, "the link would expire before it begins"},
      {kNever, {0}, "the link would expire before it begins"},
  };
  for (const auto& wrong : cases) {
    const auto link = with(wrong.not_before, wrong.expires);
    ASSERT_FALSE(link.ok()) << wrong.message;
    EXPECT_EQ(link.error().code, Code::invalid);
    EXPECT_EQ(link.error().message, wrong.message);
    EXPECT_EQ(link.error().field, "expires");
  }
}

TEST_P(NewLinks, NameTheFieldThatIsWrong) {
  const struct {
    std::function<void(NewLink&)> spoil;
    const char* field;
    const char* message;
  } cases[] = {
      {[](NewLink& link) { link.resource = ""; }, "resource", "a link needs a resource to open"},
      {[](NewLink& link) { link.resource = std::string(201, 'x'); }, "resource",
       "the resource has 201 bytes; at most 200 are taken"},
      {[](NewLink& link) { link.resource = "a\nb"; }, "resource", "the resource holds control characters"},
      {[](NewLink& link) { link.name = std::string(201, 'x'); }, "recipient.name",
       "the recipient's name has 201 bytes; at most 200 are taken"},
      {[](NewLink& link) { link.name = "Eve\r\nBcc: x"; }, "recipient.name",
       "the recipient's name holds control characters"},
      {[](NewLink& link) {
         link.email = std::string(250, 'a') + "@b.c";
         link.email += "d";
       },
       "recipient.email", "the recipient's email address has 255 bytes; at most 254 are taken"},
      {[](NewLink& link) { link.phone = "030 123456"; }, "recipient.phone",
       "the recipient's phone number is not of the form +4930123456 (E.164)"},
      {[](NewLink& link) { link.phone = "+0301234567"; }, "recipient.phone",
       "the recipient's phone number is not of the form +4930123456 (E.164)"},
      {[](NewLink& link) { link.phone = "+1234567890123456"; }, "recipient.phone",
       "the recipient's phone number is not of the form +4930123456 (E.164)"},
      {[](NewLink& link) { link.language = "english"; }, "recipient.language",
       "the recipient's language is not a tag like \"en\" or \"pt-BR\" (BCP 47)"},
      {[](NewLink& link) { link.language = "en-"; }, "recipient.language",
       "the recipient's language is not a tag like \"en\" or \"pt-BR\" (BCP 47)"},
      {[](NewLink& link) { link.language = "../en"; }, "recipient.language",
       "the recipient's language is not a tag like \"en\" or \"pt-BR\" (BCP 47)"},
      {[](NewLink& link) { link.maximum_uses = -1; }, "maximum_uses",
       "the number of uses is negative; 0 means any number"},
  };
  for (const auto& wrong : cases) {
    NewLink wanted = plain();
    wrong.spoil(wanted);
    const auto link = issue(wanted);
    ASSERT_FALSE(link.ok()) << wrong.message;
    EXPECT_EQ(link.error().code, Code::invalid);
    EXPECT_EQ(link.error().message, wrong.message);
    EXPECT_EQ(link.error().field, wrong.field);
  }
  EXPECT_EQ(rows("select count(*) from links")[0][0].integer(), 0);
}

TEST_P(NewLinks, KnowAnEmailAddressFromATypingError) {
  const auto taken = [&](const std::string& email) {
    NewLink wanted = plain();
    wanted.email = email;
    return issue(wanted).ok();
  };
  for (const char* right :
       {"", "a@b.co", "first.last+tag@sub.example.com", "o'brien@example.org", "x@xn--bcher-kva.example"}) {
    EXPECT_TRUE(taken(right)) << right;
  }
  for (const char* wrong : {"a", "a@", "@b.co", "a@b", "a b@c.de", "a@b..co", ".a@b.co", "a.@b.co", "a@-b.co",
                            "a@b.co.", "a@b@c.de", "a@b.co\r\nBcc: x@y.zz", "<a@b.co>", "a,b@c.de",
                            "\"a\"@b.co", "müller@example.com", "a@[127.0.0.1]"}) {
    EXPECT_FALSE(taken(wrong)) << wrong;
  }
  EXPECT_TRUE(taken(std::string(64, 'a') + "@example.com"));
  EXPECT_FALSE(taken(std::string(65, 'a') + "@example.com"));
}

}  // namespace
}  // namespace postern::services
