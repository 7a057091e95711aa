// PostgreSQL goes away and comes back: nobody notices, unless a commit was under way.
#include "tests/fixtures/database.hpp"

namespace postern::db {
namespace {

class LostConnection : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (IsSkipped()) return;
    change({"create table counters (total bigint not null)", "insert into counters values (0)"});
    other_ = open(1);
  }
  static std::int64_t process(HostTransaction& transaction) {
    return transaction.row("select pg_backend_pid()")->at(0).integer();
  }
  /// What a restart of the server does to a connection.
  void end(std::int64_t process) {
    const auto ended = other_->read([&](HostTransaction& transaction) -> Result<int> {
      transaction.rows("select pg_terminate_backend(cast(:process as integer), 5000)", {process});
      return 0;
    });
    ASSERT_TRUE(ended.ok()) << ended.error().message;
  }
  std::int64_t total() { return rows("select total from counters")[0][0].integer(); }
  std::unique_ptr<FirmDatabase> other_;
};
INSTANTIATE_TEST_SUITE_P(Postgresql, LostConnection, ::testing::Values(Dialect::postgresql),
                         testing::name_of);

TEST_P(LostConnection, OfAnIdleSessionIsNotNoticed) {
  const auto idle = database().read(
      [](HostTransaction& transaction) -> Result<std::int64_t> { return process(transaction); });
  end(*idle);
  int runs = 0;
  const auto next = database().read([&](HostTransaction& transaction) -> Result<std::int64_t> {
    ++runs;
    return process(transaction);
  });
  ASSERT_TRUE(next.ok()) << next.error().message;
  EXPECT_NE(*next, *idle);
  EXPECT_EQ(runs, 1);  // it was found out before the work began
}

TEST_P(LostConnection, InsideATransactionRepeatsIt) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    if (++runs == 1) end(process(transaction));
    transaction.change("update counters set total = total + 1");
    return 0;
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(total(), 1);
}

TEST_P(LostConnection, AfterAChangeRepeatsItOnce) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    transaction.change("update counters set total = total + 1");
    if (++runs == 1) end(process(transaction));
    transaction.rows("select 1");
    return 0;
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(total(), 1);
}

TEST_P(LostConnection, DuringACommitIsNotRepeated) {
  int runs = 0;
  const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
    ++runs;
    transaction.change("update counters set total = total + 1");
    end(process(transaction));
    return 0;
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_EQ(done.error().message,
            "the connection to the database was lost while a change was being kept, and nobody knows whether "
            "it was");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(total(), 0);
}

}  // namespace
}  // namespace postern::db
