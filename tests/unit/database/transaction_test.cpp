// Transactions: kept or not at all, one writer at a time, repeated when the database asks for it.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/fixtures/database.hpp"

namespace postern::db {
namespace {

class Transactions : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (!IsSkipped())
      change({"create table counters (id bigint primary key, total bigint not null)",
              "insert into counters values (1, 0)"});
  }
  std::int64_t total() { return rows("select total from counters where id = 1")[0][0].integer(); }
  static std::int64_t total(HostTransaction& transaction) {
    return transaction.row("select total from counters where id = 1")->at(0).integer();
  }
};
POSTERN_ON_BOTH_DATABASES(Transactions);

TEST_P(Transactions, KeepEverythingOrNothing) {
  const auto refused = database().write([](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = 5");
    return {Code::invalid, "no thanks", "total"};
  });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::invalid);
  EXPECT_EQ(refused.error().message, "no thanks");
  EXPECT_EQ(refused.error().field, "total");
  EXPECT_EQ(total(), 0);
  EXPECT_THROW((void)database().write([](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = 6");
    throw std::runtime_error("a bug");
  }),
               std::runtime_error);
  EXPECT_EQ(total(), 0);
}

TEST_P(Transactions, CarryTheTimeOfTheClockWhenTheyBegan) {
  clock_.set({1234});
  const auto read = [](HostTransaction& transaction) -> Result<Timestamp> { return transaction.now; };
  EXPECT_EQ(database().write(read)->ms, 1234);
  clock_.advance(1);
  EXPECT_EQ(database().read(read)->ms, 1235);
}

TEST_P(Transactions, LoseNoUpdateWhenManyWrite) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 25;
  auto other = open();  // as another host would
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      FirmDatabase& mine = i % 2 == 0 ? database() : *other;
      for (int round = 0; round < kRounds; ++round) {
        const auto done = mine.write([](HostTransaction& transaction) -> Result<int> {
          // Read, then write what was read: lost without one writer at a time.
          transaction.change("update counters set total = :total where id = 1", {total(transaction) + 1});
          return 0;
        });
        if (!done.ok()) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(total(), kThreads * kRounds);
}

TEST_P(Transactions, OfReadersSeeOneStateFromBeginningToEnd) {
  std::mutex mutex;
  std::condition_variable changed;
  int step = 0;
  const auto reach = [&](int number) {
    std::unique_lock lock(mutex);
    step = number;
    changed.notify_all();
  };
  const auto await = [&](int number) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return step >= number; });
  };
  std::thread reader([&] {
    const auto done = database().read([&](HostTransaction& transaction) -> Result<int> {
      EXPECT_EQ(total(transaction), 0);
      reach(1);
      await(2);
      EXPECT_EQ(total(transaction), 0);
      return 0;
    });
    EXPECT_TRUE(done.ok());
  });
  await(1);
  change({"update counters set total = 9"});  // a reader holds up no writer
  reach(2);
  reader.join();
  EXPECT_EQ(total(), 9);
}

TEST_P(Transactions, RefuseEverythingAfterTheFirstFailure) {
  const auto done = database().write([](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = 7");
    try {
      transaction.change("insert into counters values (1, 1)");
      ADD_FAILURE() << "the key is taken";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Code::conflict);
    }
    try {
      transaction.rows("select 1");
      ADD_FAILURE() << "the transaction has failed";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Code::conflict);
    }
    return 0;  // as if nothing had happened
  });
  EXPECT_EQ(done.code(), Code::conflict);
  EXPECT_EQ(total(), 0);
}

TEST_P(Transactions, HandOnTheWorksOwnErrorAfterAFailure) {
  struct Message final : ErrorSink {
    void error(Code, std::string_view said, std::string_view) noexcept override { text = said; }
    std::string text;
  };
  const auto done = database().write([](HostTransaction& transaction) -> Result<int> {
    Message message;
    std::int64_t changed = 0;
    EXPECT_EQ(transaction.execute("insert into counters values (1, 1)", {}, changed, message),
              Code::conflict);
    EXPECT_FALSE(message.text.empty());
    return {Code::conflict, "that name is taken", "name"};
  });
  EXPECT_EQ(done.error().message, "that name is taken");
}

TEST_P(Transactions, AreRepeatedWhenTheFailureSaysSo) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = total + 1");
    if (++runs < 4) throw Failure(Code::unavailable, "the database is busy; try again", true);
    return runs;
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(*done, 4);
  EXPECT_EQ(total(), 1);
}

TEST_P(Transactions, AreRepeatedWhenAPluginHidTheFailure) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = total + 1");
    if (++runs == 1) {
      transaction.failed(Failure(Code::unavailable, "the database is busy; try again", true));
      return {Code::internal, "something went wrong"};
    }
    return runs;
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(total(), 1);
}

TEST_P(Transactions, AreGivenUpAfterTenRuns) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction&) -> Result<int> {
    ++runs;
    throw Failure(Code::unavailable, "the database is busy; try again", true);
  });
  EXPECT_EQ(done.code(), Code::unavailable);
  EXPECT_EQ(done.error().message, "the database is busy; try again");
  EXPECT_EQ(runs, 10);
}

TEST_P(Transactions, AreNotRepeatedForAnyOtherFailure) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    ++runs;
    transaction.change("insert into counters values (1, 1)");
    return 0;
  });
  EXPECT_EQ(done.code(), Code::conflict);
  EXPECT_EQ(runs, 1);
}

TEST_P(Transactions, RunHooksAfterTheCommitInOrder) {
  std::string order;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = 3");
    transaction.after_commit([&] {
      order += "a";
      EXPECT_EQ(total(), 3);  // it is there for everybody, and this thread may begin anew
    });
    transaction.after_commit([&] { order += "b"; });
    return 0;
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(order, "ab");
  (void)database().write([&](HostTransaction& transaction) -> Result<int> {
    transaction.after_commit([&] { order += "never"; });
    return {Code::invalid, "no"};
  });
  EXPECT_EQ(order, "ab");
}

TEST_P(Transactions, ForgetHooksOfARunThatIsRepeated) {
  int hooks = 0;
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    transaction.after_commit([&] { ++hooks; });
    if (++runs < 3) throw Failure(Code::unavailable, "busy", true);
    return 0;
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(hooks, 1);
}

TEST_P(Transactions, MayNotStandInsideEachOther) {
  EXPECT_THROW((void)database().read([&](HostTransaction&) -> Result<int> {
    return database().write([](HostTransaction&) -> Result<int> { return 0; });
  }),
               std::logic_error);
  EXPECT_EQ(total(), 0);  // and the session came back
}

TEST_P(Transactions, ShareAFewSessions) {
  auto narrow = open(2);
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const auto found = narrow->read(
            [](HostTransaction& transaction) -> Result<std::int64_t> { return total(transaction); });
        if (found.ok()) ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, 320);
}

TEST_P(Transactions, SayWhenEverySessionStaysBusy) {
  auto opened = FirmDatabase::open({.url = place_->url(), .sessions = 1, .wait_ms = 20}, clock_);
  ASSERT_TRUE(opened.ok());
  FirmDatabase& narrow = **opened;
  const auto outer = narrow.read([&](HostTransaction&) -> Result<int> {
    Result<int> inner = 0;
    std::thread([&] { inner = narrow.read([](HostTransaction&) -> Result<int> { return 1; }); }).join();
    EXPECT_EQ(inner.code(), Code::unavailable);
    EXPECT_EQ(inner.error().message, "all 1 sessions of the database stayed busy; try again");
    return 0;
  });
  EXPECT_TRUE(outer.ok());
  EXPECT_TRUE(narrow.read([](HostTransaction&) -> Result<int> { return 1; }).ok());
}

}  // namespace
}  // namespace postern::db
