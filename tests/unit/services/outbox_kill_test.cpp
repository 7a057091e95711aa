// A process that queues and sends is killed at random instants, again and again: nothing acknowledged is
// lost, nothing is sent twice, and the audit record stays whole.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "host/services/outbox.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

constexpr int kRounds = 30;
constexpr std::size_t kId = 36;

struct RealClock final : Clock {
  std::int64_t ahead = 0;
  Timestamp now() const noexcept override {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + ahead};
  }
};

/// Everything an outbox needs, in one folder.
struct Firm {
  explicit Firm(const std::filesystem::path& folder) {
    database =
        *db::FirmDatabase::open({.url = "sqlite:" + (folder / "firm.db").string(), .sessions = 4}, clock);
    keys.emplace(*FirmKeys::open(folder / "keys"));
    links.emplace(*keys, audit, LinkDefaults{14 * kDay, 90 * kDay, "https://links.acme.example"});
    Branding branding;
    branding.firm = "Acme Tax";
    Files files;
    for (const char* path : {"pages/frame.html", "pages/mail.html", "pages/mail.txt", "messages/en.yaml"})
      files[path] = testing::read_project_file(std::string("host/web/") + path);
    pages = *Pages::create(files, branding);
    const auto added = pages->add_plugin(
        "share", {{"messages/en.yaml", "share: {subject: Hello, text: Text, why: Why, button: Open}\n"}});
    if (!added.ok()) throw std::runtime_error(added.error().message);
    outbox = std::make_unique<Outbox>(*database, *links, *pages, audit, clock,
                                      Sender{"Acme Tax", "links@acme.example", "", "acme.example"},
                                      mailbox_transport(folder / "mail"));
  }
  RealClock clock;
  std::unique_ptr<db::FirmDatabase> database;
  std::optional<FirmKeys> keys;
  Audit audit;
  std::optional<Links> links;
  std::unique_ptr<Pages> pages;
  std::unique_ptr<Outbox> outbox;
};

/// The child: queues without end, says each id after its commit, sends meanwhile.
[[noreturn]] void queue_until_killed(const std::filesystem::path& folder, int acknowledge) {
  try {
    Firm firm(folder);
    firm.outbox->start();
    for (int i = 0;; ++i) {
      NewMessage message;
      message.plugin = "share";
      message.key = "share";
      message.reference = "kill";
      message.email = "jane" + std::to_string(i) + "@example.net";
      const auto id = firm.database->write(
          [&](db::HostTransaction& transaction) { return firm.outbox->queue(transaction, message); });
      if (!id.ok()) {
        std::fprintf(stderr, "queue: %s\n", id.error().message.c_str());
        ::_exit(3);
      }
      if (::write(acknowledge, id->data(), kId) != static_cast<ssize_t>(kId)) ::_exit(4);
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "child: %s\n", failure.what());
  }
  ::_exit(2);
}

TEST(OutboxKill, LosesNoAcknowledgedMessageAndDoublesNone) {
  const testing::TemporaryFolder folder;
  {
    Firm firm(folder.path());
    const auto migrations =
        db::parse_migrations(testing::read_project_file("host/services/schema.sql"), "schema.sql");
    ASSERT_TRUE(migrations.ok());
    ASSERT_TRUE(db::migrate(*firm.database, "host", *migrations, firm.clock.now()).ok());
  }
  std::mt19937 random(20261123);
  std::set<std::string> acknowledged;
  for (int round = 0; round < kRounds; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      queue_until_killed(folder.path(), pipe[1]);
    }
    ::close(pipe[1]);
    // Killed after a random number of acknowledgements, and a random moment into whatever comes next.
    const auto wanted = std::uniform_int_distribution<std::size_t>(1, 25)(random);
    char id[kId];
    const auto read_one = [&] {
      std::size_t got = 0;
      while (got < kId) {
        const auto bytes = ::read(pipe[0], id + got, kId - got);
        if (bytes <= 0) return false;
        got += static_cast<std::size_t>(bytes);
      }
      acknowledged.emplace(id, kId);
      return true;
    };
    for (std::size_t i = 0; i < wanted; ++i)
      ASSERT_TRUE(read_one()) << "the child ended by itself in round " << round;
    ::usleep(std::uniform_int_distribution<useconds_t>(0, 5000)(random));
    ::kill(child, SIGKILL);
    while (read_one()) {
    }
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }

  Firm firm(folder.path());
  firm.clock.ahead = kHour;  // past every lease
  while (firm.outbox->work_once() > 0) {
  }

  std::set<std::string> files, message_ids;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "mail")) {
    if (entry.path().extension() != ".eml") continue;
    files.insert(entry.path().stem());
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const auto content = text.str();
    std::smatch found;
    ASSERT_TRUE(std::regex_search(content, found, std::regex("\r\nMessage-ID: <([^>]+)>\r\n")));
    EXPECT_TRUE(message_ids.insert(found[1]).second) << "sent twice";
    EXPECT_TRUE(content.ends_with("--\r\n")) << "cut short";
  }
  for (const auto& id : acknowledged)
    EXPECT_TRUE(files.contains(id)) << id << " was acknowledged and is lost";
  const auto done = firm.database->read([&](db::HostTransaction& transaction) -> Result<db::Rows> {
    return transaction.rows("select id, state from outbox");
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->size(), files.size());
  for (const auto& row : *done) EXPECT_EQ(row[1].text(), "sent");
  const auto verdict =
      firm.database->read([&](db::HostTransaction& transaction) -> Result<std::pair<std::int64_t, bool>> {
        const auto sent = transaction.row(
            "select count(*) from (select subject from audit where event = 'message.sent' group by subject "
            "having count(*) = 1) one");
        return std::pair((*sent)[0].integer(), !firm.audit.verify(transaction).fault.has_value());
      });
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(verdict->first, static_cast<std::int64_t>(files.size()));
  EXPECT_TRUE(verdict->second) << "the audit chain is broken";
  std::printf("%d kills, %zu messages acknowledged, %zu sent\n", kRounds, acknowledged.size(), files.size());
}

}  // namespace
}  // namespace postern::services
