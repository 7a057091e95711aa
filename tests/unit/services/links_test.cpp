// Links: issued, proved, counted, ended; and nothing that opens one is in the database.
#include "host/services/links.hpp"

#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <thread>

#include "host/crypto/crypto.hpp"
#include "host/services/id.hpp"
#include "tests/unit/services/links_fixture.hpp"

namespace postern::services {
namespace {

class LinksOfAFirm : public LinksTest {};
POSTERN_ON_BOTH_DATABASES(LinksOfAFirm);

TEST_P(LinksOfAFirm, AreFoundByTheirTokenAlone) {
  NewLink wanted = plain();
  wanted.phone = "+4930123456";
  wanted.issued_by = "m1";
  wanted.maximum_uses = 3;
  const Link link = issued(wanted);
  const auto token = links_->token(link);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->size(), 43U);
  EXPECT_EQ(crypto::unbase64url(*token)->size(), 32U);
  const auto found = find_by_token(*token);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->id, link.id);
  const LinkInfo info = found->info(clock_.now());
  EXPECT_EQ(info.plugin, "share");
  EXPECT_EQ(info.resource, "s1");
  EXPECT_EQ(info.recipient.name, "Client");
  EXPECT_EQ(info.recipient.email, "client@example.com");
  EXPECT_EQ(info.recipient.phone, "+4930123456");
  EXPECT_EQ(info.recipient.language, "en");
  EXPECT_EQ(info.issued, clock_.now());
  EXPECT_EQ(info.expires, clock_.now() + 14 * kDay);
  EXPECT_EQ(info.maximum_uses, 3);
  EXPECT_EQ(info.uses, 0);
  EXPECT_EQ(info.issued_by, "m1");
  EXPECT_EQ(info.state, LinkState::active);
  EXPECT_EQ(*links_->address(link), "https://links.example/l/" + *token);
}

TEST_P(LinksOfAFirm, AreDerivedAsDocumented) {
  const Link link = issued();
  const std::string text = std::string("postern link\0", 13) + link.id + std::string("\0", 1) + "1";
  EXPECT_EQ(*links_->token(link), crypto::base64url(crypto::hmac_sha256(keys_->newest_link_key().key.bytes(),
                                                                        crypto::bytes(text))));
  EXPECT_EQ(rows("select token_hash from links")[0][0].text(),
            crypto::hex(crypto::sha256(*links_->token(link))));
}

TEST_P(LinksOfAFirm, AnswerWrongAndMalformedTokensAlike) {
  const Link link = issued();
  const std::string token = *links_->token(link);
  std::string flipped = token;
  flipped[20] = flipped[20] == 'A' ? 'B' : 'A';
  std::string last = token;  // the last character carries two bits that are not part of the token
  last[42] = static_cast<char>(last[42] + 1);
  for (const std::string& wrong :
       {std::string(), std::string("x"), flipped, last, token.substr(0, 42), token + "A", token + "=",
        token + std::string(5000, 'A'), " " + token, std::string("' or '1'='1"), std::string("%"),
        std::string(43, 'A'), std::string("a\0b", 3), std::string("\xFF\xFE"),
        crypto::hex(crypto::sha256(token)), std::string(1'000'000, 'z')}) {
    const auto found = find_by_token(wrong);
    ASSERT_FALSE(found.ok()) << wrong.substr(0, 50);
    EXPECT_EQ(found.error().code, Code::not_found);
    EXPECT_EQ(found.error().message, "this link is not known");
    EXPECT_EQ(found.error().field, "");
  }
}

TEST_P(LinksOfAFirm, LeaveNoTokenInTheDatabase) {
  std::vector<std::string> tokens;
  for (int round = 0; round < 10; ++round) {
    const auto done = write([&](HostTransaction& transaction) -> Result<int> {
      for (int i = 0; i < 100; ++i) {
        POSTERN_TRY(const Link link, links_->issue(transaction, plain()));
        POSTERN_TRY(std::string token, links_->token(link));
        tokens.push_back(std::move(token));
      }
      return 0;
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::string bytes;
  if (GetParam() == db::Dialect::sqlite) {
    for (const auto& file : std::filesystem::directory_iterator(place_->file().parent_path())) {
      std::ostringstream text;
      text << std::ifstream(file.path(), std::ios::binary).rdbuf();
      bytes += text.str();
    }
  } else {
    for (const char* table : {"links", "audit", "audit_head", "outbox", "idempotency"}) {
      for (const auto& row : rows("select " + std::string(table) + "::text from " + table))
        bytes += row[0].text();
    }
  }
  ASSERT_GT(bytes.size(), 200'000U);
  // Windows of token length, so that one pass finds any of them.
  std::set<std::string, std::less<>> beginnings;
  for (const auto& token : tokens) {
    beginnings.insert(token.substr(0, 12));
    beginnings.insert(crypto::unbase64url(token)->substr(0, 12));
  }
  for (std::size_t at = 0; at + 12 <= bytes.size(); ++at) {
    ASSERT_FALSE(beginnings.contains(std::string_view(bytes).substr(at, 12))) << "at byte " << at;
  }
  // The search itself can find: the hash is there.
  EXPECT_NE(bytes.find(crypto::hex(crypto::sha256(tokens.front()))), std::string::npos);
}

TEST_P(LinksOfAFirm, GoThroughTheirStates) {
  NewLink wanted = plain();
  wanted.not_before = clock_.now() + kHour;
  wanted.expires = clock_.now() + kDay;
  wanted.maximum_uses = 1;
  const Link link = issued(wanted);
  EXPECT_EQ(state(link.id), LinkState::pending);
  EXPECT_EQ(use(link.id).error().message, "this link is not open yet");
  clock_.advance(kHour - 1);
  EXPECT_EQ(state(link.id), LinkState::pending);
  clock_.advance(1);
  EXPECT_EQ(state(link.id), LinkState::active);
  EXPECT_TRUE(use(link.id).ok());
  EXPECT_EQ(state(link.id), LinkState::used_up);
  clock_.advance(23 * kHour - 1);
  EXPECT_EQ(state(link.id), LinkState::used_up);
  clock_.advance(1);
  EXPECT_EQ(state(link.id), LinkState::expired);
  EXPECT_TRUE(revoke(link.id).ok());
  EXPECT_EQ(state(link.id), LinkState::revoked);
  EXPECT_TRUE(find_by_token(*links_->token(link)).ok());  // there, but not active: the page says so
}

TEST_P(LinksOfAFirm, RefuseATokenAfterItsLastUse) {
  NewLink wanted = plain();
  wanted.maximum_uses = 2;
  const Link link = issued(wanted);
  clock_.advance(5);
  EXPECT_TRUE(use(link.id).ok());
  EXPECT_EQ(find(link.id)->last_used, clock_.now());
  EXPECT_TRUE(use(link.id).ok());
  const auto third = use(link.id);
  EXPECT_EQ(third.code(), Code::gone);
  EXPECT_EQ(third.error().message, "this link has been used as often as it may be");
  EXPECT_EQ(find(link.id)->uses, 2);
}

TEST_P(LinksOfAFirm, CountExactlyUnderRacingThreads) {
  NewLink wanted = plain();
  wanted.maximum_uses = 7;
  const Link link = issued(wanted);
  auto patient = db::FirmDatabase::open({.url = place_->url(), .sessions = 8, .wait_ms = 120'000}, clock_);
  ASSERT_TRUE(patient.ok());
  std::atomic<int> used{0}, refused{0}, failed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 200; ++i) {
    threads.emplace_back([&] {
      const auto done =
          (*patient)->write([&](HostTransaction& transaction) { return links_->use(transaction, link.id); });
      ++(done.ok() ? used : done.code() == Code::gone ? refused : failed);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(used, 7);
  EXPECT_EQ(refused, 193);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(find(link.id)->uses, 7);
}

TEST_P(LinksOfAFirm, MayBeUsedWithoutEndWhenNoMaximumIsSet) {
  const Link link = issued();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(use(link.id).ok());
  EXPECT_EQ(find(link.id)->uses, 20);
  EXPECT_EQ(state(link.id), LinkState::active);
}

TEST_P(LinksOfAFirm, RememberWhenTheyWereOpened) {
  const Link link = issued();
  clock_.advance(kMinute);
  (void)write([&](HostTransaction& transaction) -> Result<int> {
    links_->opened(transaction, link.id);
    return 0;
  });
  EXPECT_EQ(find(link.id)->last_opened, clock_.now());
  EXPECT_EQ(find(link.id)->uses, 0);
}

TEST_P(LinksOfAFirm, EndWhenRevokedAndStopWhatRuns) {
  const Link link = issued();
  const auto running = links_->watch(link.id);
  const auto another = links_->watch(link.id);
  const auto stranger = links_->watch(issued().id);
  const auto rolled_back = write([&](HostTransaction& transaction) -> Result<int> {
    EXPECT_TRUE(links_->revoke(transaction, link.id).ok());
    return {Code::invalid, "no"};
  });
  EXPECT_FALSE(rolled_back.ok());
  EXPECT_FALSE(*running);
  EXPECT_TRUE(revoke(link.id).ok());
  EXPECT_TRUE(*running);
  EXPECT_TRUE(*another);
  EXPECT_FALSE(*stranger);
  EXPECT_TRUE(*links_->watch(link.id));  // who looked it up just before is told at once
  EXPECT_EQ(use(link.id).code(), Code::gone);
  EXPECT_TRUE(revoke(link.id).ok());
  EXPECT_EQ(reissue(link.id).code(), Code::conflict);
  EXPECT_EQ(set_expiry(link.id, clock_.now() + kDay).code(), Code::conflict);
  EXPECT_EQ(events(link.id), (std::vector<std::string>{"link.issued", "link.revoked"}));
}

TEST_P(LinksOfAFirm, StopWhatRunsWhenAnotherProcessRevokesThem) {
  const Link link = issued();
  const Link other = issued();
  const auto running = links_->watch(link.id);
  const auto untouched = links_->watch(other.id);
  const Links elsewhere(*keys_, audit_, {});  // the command line: it knows nothing of who watches here
  EXPECT_TRUE(
      write([&](HostTransaction& transaction) { return elsewhere.revoke(transaction, link.id); }).ok());
  EXPECT_FALSE(*running);
  links_->raise_revoked_elsewhere(database());
  EXPECT_TRUE(*running);
  EXPECT_FALSE(*untouched);
}

TEST_P(LinksOfAFirm, GetANewTokenWhenReissuedAndTheOldOneDies) {
  const Link link = issued();
  const std::string old = *links_->token(link);
  const auto running = links_->watch(link.id);
  EXPECT_TRUE(reissue(link.id).ok());
  EXPECT_TRUE(*running);
  EXPECT_FALSE(*links_->watch(link.id));
  EXPECT_EQ(find_by_token(old).code(), Code::not_found);
  const Link renewed = *find(link.id);
  EXPECT_EQ(renewed.generation, 2);
  const std::string token = *links_->token(renewed);
  EXPECT_NE(token, old);
  EXPECT_EQ(find_by_token(token)->id, link.id);
  EXPECT_EQ(events(link.id), (std::vector<std::string>{"link.issued", "link.reissued"}));
}

TEST_P(LinksOfAFirm, KeepTheirKeyWhenItIsRotated) {
  const Link before = issued();
  ASSERT_TRUE(keys_->rotate_link_key().ok());
  const Link after = issued();
  EXPECT_NE(before.key_id, after.key_id);
  EXPECT_EQ(find_by_token(*links_->token(before))->id, before.id);
  EXPECT_EQ(find_by_token(*links_->token(after))->id, after.id);
  EXPECT_TRUE(reissue(before.id).ok());
  EXPECT_EQ(find(before.id)->key_id, after.key_id);
  Link lost = before;
  lost.key_id = "k99";
  EXPECT_EQ(links_->token(lost).error().message,
            "the link key \"k99\" is missing from the firm's keys; put its file back");
}

TEST_P(LinksOfAFirm, LiveAgainWhenTheirExpiryIsMoved) {
  NewLink wanted = plain();
  wanted.expires = clock_.now() + kDay;
  const Link link = issued(wanted);
  clock_.advance(2 * kDay);
  EXPECT_EQ(use(link.id).error().message, "this link has expired");
  EXPECT_TRUE(set_expiry(link.id, clock_.now() + kDay).ok());
  EXPECT_EQ(state(link.id), LinkState::active);
  EXPECT_EQ(set_expiry(link.id, clock_.now()).error().message,
            "the link would have expired already; to end a link, revoke it");
  EXPECT_EQ(set_expiry(link.id, clock_.now() + 90 * kDay + 1).error().message,
            "the link would live longer than 90 days, the most this firm allows");
  EXPECT_TRUE(set_expiry(link.id, clock_.now() + 90 * kDay).ok());
  EXPECT_TRUE(set_expiry(link.id, clock_.now() + 90 * kDay).ok());  // the same again is no change
  EXPECT_EQ(events(link.id), (std::vector<std::string>{"link.issued", "link.extended", "link.extended"}));
}

TEST_P(LinksOfAFirm, AreListedByFilterStateAndPage) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    NewLink wanted = plain();
    wanted.resource = i < 3 ? "s1" : "s2";
    wanted.email = i % 2 == 0 ? "even@example.com" : "odd@example.com";
    if (i == 4) wanted.plugin = "upload";
    if (i == 1) wanted.maximum_uses = 1;
    if (i == 2) wanted.not_before = clock_.now() + kDay;
    if (i == 3) wanted.expires = clock_.now() + kMinute;
    ids.push_back(issued(wanted).id);
    clock_.advance(1);
  }
  EXPECT_TRUE(use(ids[1]).ok());
  EXPECT_TRUE(revoke(ids[0]).ok());
  clock_.advance(kMinute);
  const auto list = [&](const LinkFilter& filter) {
    const auto found = database().read([&](HostTransaction& transaction) -> Result<std::vector<Link>> {
      return links_->list(transaction, filter);
    });
    std::string numbers;
    for (const auto& link : *found) {
      numbers += std::to_string(std::find(ids.begin(), ids.end(), link.id) - ids.begin());
    }
    return numbers;
  };
  EXPECT_EQ(list({}), "01234");
  EXPECT_EQ(list({.limit = 2}), "01");
  EXPECT_EQ(list({.after = ids[1], .limit = 2}), "23");
  EXPECT_EQ(list({.plugin = "share"}), "0123");
  EXPECT_EQ(list({.plugin = "share", .resource = "s1"}), "012");
  EXPECT_EQ(list({.email = "odd@example.com"}), "13");
  EXPECT_EQ(list({.state = LinkState::revoked}), "0");
  EXPECT_EQ(list({.state = LinkState::used_up}), "1");
  EXPECT_EQ(list({.state = LinkState::pending}), "2");
  EXPECT_EQ(list({.state = LinkState::expired}), "3");
  EXPECT_EQ(list({.state = LinkState::active}), "4");
  EXPECT_EQ(list({.plugin = "share", .state = LinkState::active}), "");
}

TEST_P(LinksOfAFirm, ThatDoNotExistAreNamed) {
  const std::string id = new_id(clock_.now());
  EXPECT_EQ(find(id).error().message, "no link " + id);
  EXPECT_EQ(find("nonsense").code(), Code::not_found);
  EXPECT_EQ(use(id).code(), Code::not_found);
  EXPECT_EQ(revoke(id).code(), Code::not_found);
  EXPECT_EQ(reissue(id).code(), Code::not_found);
  EXPECT_EQ(set_expiry(id, clock_.now() + kDay).code(), Code::not_found);
}

TEST_P(LinksOfAFirm, LeaveAnAuditLineForEveryChangeWithoutTheToken) {
  NewLink wanted = plain();
  wanted.resource = "quote \" and \\ and 日本";
  const auto link = write([&](HostTransaction& transaction) -> Result<Link> {
    transaction.actor.member = "m1";
    return links_->issue(transaction, wanted);
  });
  ASSERT_TRUE(link.ok());
  EXPECT_TRUE(reissue(link->id).ok());
  const auto lines = rows(
      "select event, member, plugin, details from audit where subject = :id order by sequence", {link->id});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0][1].text(), "m1");
  EXPECT_EQ(lines[0][2].text(), "share");
  EXPECT_NE(lines[0][3].text().find("client@example.com"), std::string::npos);
  EXPECT_EQ(lines[1][3].text(), "{\"generation\":2}");
  for (const auto& line : lines) {
    EXPECT_EQ(line[3].text().find(*links_->token(*link)), std::string::npos);
    EXPECT_EQ(line[3].text().find(*links_->token(*find(link->id))), std::string::npos);
  }
}

TEST(LinkWatches, StayFewHoweverManyAreWatched) {
  const testing::TemporaryFolder folder;
  const auto keys = FirmKeys::open((folder.path() / "keys").string());
  const Audit audit{};
  const Links links(*keys, audit, {});
  const auto kept = links.watch("kept");
  for (int i = 0; i < 100'000; ++i) (void)links.watch("link " + std::to_string(i));
  EXPECT_EQ(links.watch("kept"), kept);  // the one that is still watched survived the sweeping
}

}  // namespace
}  // namespace postern::services
