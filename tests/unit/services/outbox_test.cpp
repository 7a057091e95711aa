// The outbox: queued with the caller's transaction, sent after it, recorded once; on both databases.
#include "host/services/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "host/services/outbox_schedule.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Answers as told, and keeps what it was given.
class ScriptedTransport final : public MailTransport {
 public:
  Attempt send(const Mail& mail) override {
    const std::lock_guard lock(mutex);
    if (while_sending) while_sending();
    sent.push_back(mail);
    arrived.notify_all();
    if (answers.empty()) return {};
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::mutex mutex;
  std::condition_variable arrived;
  std::function<void()> while_sending;
  std::deque<Attempt> answers;
  std::vector<Mail> sent;
};

class OutboxTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    apply("host/services/schema.sql");
    auto keys = FirmKeys::open(folder_.path() / "keys");
    ASSERT_TRUE(keys.ok()) << keys.error().message;
    keys_.emplace(std::move(keys).value());
    LinkDefaults defaults;
    defaults.base_url = "https://links.acme.example";
    links_.emplace(*keys_, audit_, defaults);
    auto pages = make_pages();
    ASSERT_TRUE(pages.ok()) << pages.error().message;
    pages_ = std::move(pages).value();
    auto transport = std::make_unique<ScriptedTransport>();
    transport_ = transport.get();
    outbox_ = std::make_unique<Outbox>(
        database(), *links_, *pages_, audit_, clock_,
        Sender{"Acme Tax", "links@acme.example", "office@acme.example", "links.acme.example"},
        std::move(transport));
  }

  static Result<std::unique_ptr<Pages>> make_pages() {
    Branding branding;
    branding.firm = "Acme Tax";
    branding.contact_phone = "+33 1 23 45 67 89";
    branding.languages = {"en", "ja"};
    Files host;
    for (const char* path : {"pages/frame.html", "pages/mail.html", "pages/mail.txt", "pages/error.html",
                             "messages/en.yaml", "messages/ja.yaml"})
      host[path] = testing::read_project_file(std::string("host/web/") + path);
    POSTERN_TRY(auto pages, Pages::create(host, branding));
    const Files share{
        {"messages/en.yaml",
         "sent:\n  subject: \"{firm} shares {count, plural, one {# document} other {# documents}} with "
         "you\"\n"
         "  text: \"{member} shares {title}.\"\n  button: Open\n  why: \"{member} chose your address.\"\n"},
        {"messages/ja.yaml",
         "sent:\n  subject: \"{firm}から書類{count}件のご案内\"\n  text: "
         "\"{member}より「{title}」をお送りします。\"\n"
         "  button: 開く\n  why: \"{member}がこのアドレスを指定しました。\"\n"}};
    POSTERN_CHECK(pages->add_plugin("share", share));
    return pages;
  }

  NewMessage message(std::string link = {}) const {
    NewMessage made;
    made.plugin = "share";
    made.key = "share.sent";
    made.reference = "share-1";
    made.link = std::move(link);
    made.name = "Jane Doe";
    made.email = "jane@example.net";
    made.values = R"({"count":3,"title":"<Accounts> {2025}"})";
    made.member_name = "Ana Ruiz";
    made.member_email = "ana@acme.example";
    made.quotation = "Dear Jane,\n\n{{look}} <b>here</b>";
    return made;
  }

  template <class F>
  auto write(F&& work) {
    auto result = database().write(std::forward<F>(work));
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return std::move(result).value();
  }

  std::string issue() {
    return write([&](db::HostTransaction& transaction) -> Result<std::string> {
      NewLink wanted;
      wanted.plugin = "share";
      wanted.resource = "share-1";
      wanted.name = "Jane Doe";
      wanted.email = "jane@example.net";
      POSTERN_TRY(const auto link, links_->issue(transaction, wanted));
      return link.id;
    });
  }
  std::string queue(const NewMessage& wanted) {
    return write([&](db::HostTransaction& transaction) { return outbox_->queue(transaction, wanted); });
  }
  Error refusal(const NewMessage& wanted) {
    auto result = database().write(
        [&](db::HostTransaction& transaction) { return outbox_->queue(transaction, wanted); });
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error{} : result.error();
  }
  OutboxMessage only() {
    const auto all = write([&](db::HostTransaction& transaction) -> Result<std::vector<OutboxMessage>> {
      return outbox_->list(transaction, "share-1", "", 10);
    });
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? OutboxMessage{} : all.front();
  }
  std::vector<AuditLine> lines(const std::string& event) {
    return write([&](db::HostTransaction& transaction) -> Result<std::vector<AuditLine>> {
      AuditFilter filter;
      filter.event = event;
      return audit_.list(transaction, filter);
    });
  }

  testing::TemporaryFolder folder_;
  std::optional<FirmKeys> keys_;
  Audit audit_;
  std::optional<Links> links_;
  std::unique_ptr<Pages> pages_;
  ScriptedTransport* transport_ = nullptr;
  std::unique_ptr<Outbox> outbox_;
};
POSTERN_ON_BOTH_DATABASES(OutboxTest);

TEST_P(OutboxTest, SendsWhatWasCommittedAndRecordsItOnce) {
  const auto link = issue();
  const auto id = queue(message(link));
  EXPECT_EQ(only().state, "waiting");
  EXPECT_EQ(outbox_->work_once(), 1);
  EXPECT_EQ(outbox_->work_once(), 0);
  ASSERT_EQ(transport_->sent.size(), 1U);
  const auto& mail = transport_->sent.front();
  EXPECT_EQ(mail.from, "links@acme.example");
  EXPECT_EQ(mail.to, "jane@example.net");
  EXPECT_EQ(mail.message_id, "<" + id + "@links.acme.example>");
  EXPECT_THAT(mail.content,
              AllOf(HasSubstr("From: Ana Ruiz via Acme Tax <links@acme.example>\r\n"),
                    HasSubstr("Reply-To: Ana Ruiz <ana@acme.example>\r\n"),
                    HasSubstr("To: Jane Doe <jane@example.net>\r\n"),
                    HasSubstr("Subject: Acme Tax shares 3 documents with you\r\n"),
                    HasSubstr("\r\n> Dear Jane,\r\n>\r\n> {{look}} <b>here</b>\r\n"),
                    HasSubstr("&lt;Accounts&gt; {2025}"), HasSubstr("&lt;b&gt;here&lt;/b&gt;")));
  const auto row = only();
  EXPECT_EQ(row.state, "sent");
  EXPECT_EQ(row.attempts, 1);
  EXPECT_EQ(row.sent, clock_.now());
  const auto audit = lines("message.sent");
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit[0].subject, id);
  EXPECT_EQ(audit[0].plugin, "share");
  EXPECT_EQ(audit[0].actor.link, link);
  EXPECT_EQ(audit[0].actor.recipient, "jane@example.net");
  EXPECT_THAT(audit[0].details, Not(HasSubstr("jane")));
}

TEST_P(OutboxTest, PutsTheLinksAddressInOnlyWhenItSends) {
  const auto link = issue();
  queue(message(link));
  const auto address = write([&](db::HostTransaction& transaction) -> Result<std::string> {
    POSTERN_TRY(const auto found, links_->find(transaction, link));
    return links_->address(found);
  });
  const auto token = address.substr(address.rfind('/') + 1);
  EXPECT_TRUE(rows("select id from outbox where message_values like :t or quotation like :u",
                   {"%" + token + "%", "%" + token + "%"})
                  .empty());
  outbox_->work_once();
  std::string joined = transport_->sent.at(0).content;
  for (auto at = joined.find("=\r\n"); at != std::string::npos; at = joined.find("=\r\n"))
    joined.erase(at, 3);
  EXPECT_THAT(joined, AllOf(HasSubstr("\r\n" + address + "\r\n"), HasSubstr("href=3D\"" + address + "\"")));
  for (const auto& line : lines("message.sent")) EXPECT_THAT(line.details, Not(HasSubstr(token)));
}

TEST_P(OutboxTest, SendsNothingOfATransactionThatWasRolledBack) {
  auto result = database().write([&](db::HostTransaction& transaction) -> Result<std::string> {
    POSTERN_TRY(const auto id, outbox_->queue(transaction, message()));
    EXPECT_FALSE(id.empty());
    return {Code::conflict, "changed my mind"};
  });
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(outbox_->work_once(), 0);
  EXPECT_TRUE(transport_->sent.empty());
}

TEST_P(OutboxTest, RefusesRecipientsItCannotReachAndFieldsThatWouldBreakOut) {
  auto wanted = message();
  wanted.email.clear();
  EXPECT_EQ(refusal(wanted).message,
            "the recipient has no email address, so no message can be sent; add one");
  EXPECT_EQ(refusal(wanted).field, "recipient.email");
  const std::vector<std::function<void(NewMessage&)>> breaks{
      [](NewMessage& m) { m.name = "Jane\r\nBcc: all@example.net"; },
      [](NewMessage& m) { m.member_name = "Ana\nBcc: x@example.net"; },
      [](NewMessage& m) { m.email = "jane@example.net\r\nX: y"; },
      [](NewMessage& m) { m.member_email = "ana@acme.example>\n"; },
      [](NewMessage& m) { m.name = std::string(201, 'x'); },
      [](NewMessage& m) { m.quotation = std::string(10'001, 'x'); },
      [](NewMessage& m) { m.values = "[]"; },
      [](NewMessage& m) { m.values = "{\"a\":"; }};
  for (const auto& change : breaks) {
    wanted = message();
    change(wanted);
    EXPECT_EQ(refusal(wanted).code, Code::invalid);
  }
  wanted = message();
  wanted.key = "share.gone";
  EXPECT_THAT(refusal(wanted).message, HasSubstr("there is no text \"share.gone.subject\""));
  wanted = message("0190a5b4-0000-7000-8000-00000000dead");
  EXPECT_EQ(refusal(wanted).code, Code::not_found);
}

TEST_P(OutboxTest, KeepsASubjectOnOneLineWhateverAValueHolds) {
  auto wanted = message();
  wanted.key = "share.sent";
  wanted.values = R"({"count":1,"title":"a\r\nBcc: x@example.net"})";
  queue(wanted);
  outbox_->work_once();
  ASSERT_EQ(transport_->sent.size(), 1U);
  const auto& content = transport_->sent[0].content;
  EXPECT_THAT(content.substr(0, content.find("\r\n\r\n")), Not(HasSubstr("Bcc")));
}

TEST_P(OutboxTest, TriesAgainLaterWithTheSameMessageId) {
  transport_->answers = {{Delivered::later, "451 try later"}, {Delivered::later, "451 try later"}, {}};
  const auto id = queue(message());
  EXPECT_EQ(outbox_->work_once(), 1);
  EXPECT_EQ(only().reason, "451 try later");
  EXPECT_EQ(outbox_->work_once(), 0);
  clock_.advance(66 * kSecond);
  EXPECT_EQ(outbox_->work_once(), 1);
  clock_.advance(66 * kSecond);
  EXPECT_EQ(outbox_->work_once(), 0);
  clock_.advance(5 * kMinute);
  EXPECT_EQ(outbox_->work_once(), 1);
  ASSERT_EQ(transport_->sent.size(), 3U);
  EXPECT_EQ(transport_->sent[0].message_id, transport_->sent[2].message_id);
  EXPECT_EQ(transport_->sent[0].content, transport_->sent[2].content);
  EXPECT_EQ(only().state, "sent");
  EXPECT_EQ(only().attempts, 3);
  EXPECT_EQ(lines("message.sent").size(), 1U);
}

TEST_P(OutboxTest, FailsAtOnceWhenTheServerSaysNever) {
  transport_->answers = {{Delivered::never, "550 no such mailbox"}};
  queue(message());
  outbox_->work_once();
  EXPECT_EQ(only().state, "failed");
  EXPECT_EQ(only().reason, "550 no such mailbox");
  ASSERT_EQ(lines("message.failed").size(), 1U);
  EXPECT_THAT(lines("message.failed")[0].details, HasSubstr("550 no such mailbox"));
  clock_.advance(10 * kDay);
  EXPECT_EQ(outbox_->work_once(), 0);
}

TEST_P(OutboxTest, GivesUpAfterThreeDays) {
  for (int i = 0; i < 100; ++i) transport_->answers.push_back({Delivered::later, "421 busy"});
  queue(message());
  int attempts = 0;
  for (int hours = 0; hours < 100; ++hours, clock_.advance(kHour)) attempts += outbox_->work_once();
  EXPECT_EQ(only().state, "failed");
  EXPECT_EQ(only().reason, "given up after " + std::to_string(attempts) + " attempts: 421 busy");
  EXPECT_GE(attempts, 17);
  EXPECT_LE(attempts, 30);
}

TEST_P(OutboxTest, DoesNotSendALinkThatHasEnded) {
  const auto revoked = issue();
  queue(message(revoked));
  write([&](db::HostTransaction& transaction) -> Result<int> {
    POSTERN_CHECK(links_->revoke(transaction, revoked));
    return 0;
  });
  outbox_->work_once();
  EXPECT_TRUE(transport_->sent.empty());
  EXPECT_EQ(only().state, "failed");
  EXPECT_EQ(only().reason, "the link was revoked before the message was sent");
}

TEST_P(OutboxTest, LeavesAMessageToAnotherWorkerWhileItIsBeingSent) {
  queue(message());
  int others = -1;
  transport_->while_sending = [&] {
    auto second = open();
    auto idle = std::make_unique<ScriptedTransport>();
    Outbox other(*second, *links_, *pages_, audit_, clock_,
                 Sender{"Acme Tax", "links@acme.example", "", "links.acme.example"}, std::move(idle));
    others = other.work_once();
  };
  outbox_->work_once();
  EXPECT_EQ(others, 0);
}

TEST_P(OutboxTest, SendsAgainWhatADeadWorkerHadClaimed) {
  const auto id = queue(message());
  change({"update outbox set attempts = 1, next_attempt_at = " +
          std::to_string((clock_.now() + RetryPolicy{}.lease).ms)});
  EXPECT_EQ(outbox_->work_once(), 0);
  clock_.advance(RetryPolicy{}.lease + 1);
  EXPECT_EQ(outbox_->work_once(), 1);
  EXPECT_EQ(only().state, "sent");
}

TEST_P(OutboxTest, WritesInTheRecipientsLanguage) {
  auto wanted = message(issue());
  wanted.language = "ja-JP";
  wanted.name = "山田 太郎";
  queue(wanted);
  outbox_->work_once();
  ASSERT_EQ(transport_->sent.size(), 1U);
  EXPECT_THAT(transport_->sent[0].content,
              AllOf(HasSubstr("Content-Language: ja\r\n"), HasSubstr("Content-Transfer-Encoding: base64")));
}

TEST_P(OutboxTest, WakesItsThreadAfterTheCommit) {
  outbox_->start();
  queue(message());
  std::unique_lock lock(transport_->mutex);
  EXPECT_TRUE(transport_->arrived.wait_for(lock, std::chrono::seconds(20),
                                           [&] { return !transport_->sent.empty(); }));
  lock.unlock();
  outbox_->stop();
  EXPECT_EQ(only().state, "sent");
}

TEST(OutboxSchedule, WaitsTwiceAsLongEachTimeAndSpreadsTheCrowd) {
  const RetryPolicy policy;
  const Timestamp start{1'000'000'000'000};
  const std::int64_t waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 240, 240};
  for (int i = 0; i < 10; ++i) {
    const auto next = next_attempt(policy, "id", i + 1, start, start);
    ASSERT_TRUE(next);
    const auto wait = static_cast<double>(waits[i] * kMinute);
    EXPECT_NEAR(static_cast<double>(*next - start), wait, wait / 10);
    EXPECT_EQ(next, next_attempt(policy, "id", i + 1, start, start));
  }
  EXPECT_NE(next_attempt(policy, "a", 5, start, start), next_attempt(policy, "b", 5, start, start));
  EXPECT_FALSE(next_attempt(policy, "id", 20, start, start + policy.give_up));
}

}  // namespace
}  // namespace postern::services
