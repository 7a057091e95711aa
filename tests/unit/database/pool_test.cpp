// The fair queue in front of writers and sessions, and what becomes of broken sessions.
#include "host/database/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace postern::db {
namespace {

Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }
constexpr std::chrono::seconds kLong{30};

TEST(Queue, LetsCallersInInTheOrderTheyCame) {
  Queue queue(1);
  ASSERT_TRUE(queue.enter(in(kLong)));
  std::vector<int> order;  // guarded by the queue itself: one is in at a time
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      ASSERT_TRUE(queue.enter(in(kLong)));
      order.push_back(i);
      queue.leave();
    });
    while (queue.waiting() <= static_cast<std::size_t>(i)) std::this_thread::yield();
  }
  queue.leave();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(Queue, LetsAsManyInAsItHasPlaces) {
  Queue queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.enter(in(std::chrono::milliseconds(0))));
  EXPECT_FALSE(queue.enter(in(std::chrono::milliseconds(1))));
  queue.leave();
  EXPECT_TRUE(queue.enter(in(std::chrono::milliseconds(0))));
}

TEST(Queue, ForgetsThoseWhoGaveUp) {
  Queue queue(1);
  ASSERT_TRUE(queue.enter(in(kLong)));
  EXPECT_FALSE(queue.enter(in(std::chrono::milliseconds(1))));
  EXPECT_EQ(queue.waiting(), 0U);
  queue.leave();
  EXPECT_TRUE(queue.enter(in(std::chrono::milliseconds(0))));
}

TEST(Queue, NeverHoldsMoreThanItsPlacesUnderLoad) {
  Queue queue(2);
  std::atomic<int> inside{0}, most{0}, entered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 500; ++round) {
        // Some give up at once, so that giving up and being called meet.
        if (!queue.enter(i % 2 == 0 ? in(kLong) : in(std::chrono::milliseconds(0)))) continue;
        const int now = ++inside;
        for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
        }
        ++entered;
        --inside;
        queue.leave();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_GE(entered, 4 * 500);
  EXPECT_TRUE(queue.enter(in(std::chrono::milliseconds(0))));
  EXPECT_TRUE(queue.enter(in(std::chrono::milliseconds(0))));
  EXPECT_FALSE(queue.enter(in(std::chrono::milliseconds(0))));
}

struct FakeSession final : Session {
  explicit FakeSession(bool& given) : good(given) {}
  void begin(bool) override {}
  void commit() override {}
  void rollback() noexcept override {}
  std::int64_t run(std::string_view, std::span<const Value>, Rights, RowSink*) override { return 0; }
  bool usable() noexcept override { return good; }
  bool& good;
};

TEST(Pool, KeepsSessionsAndReplacesBrokenOnes) {
  bool good = true;
  int connections = 0;
  Pool pool(
      [&]() -> std::unique_ptr<Session> {
        ++connections;
        return std::make_unique<FakeSession>(good);
      },
      2);
  { auto lease = pool.take(in(kLong)); }
  { auto lease = pool.take(in(kLong)); }
  EXPECT_EQ(connections, 1);  // used again
  {
    auto one = pool.take(in(kLong));
    auto two = pool.take(in(kLong));
    EXPECT_EQ(connections, 2);
    EXPECT_THROW(pool.take(in(std::chrono::milliseconds(1))), Failure);
  }
  good = false;  // both broke while they were idle
  {
    auto lease = pool.take(in(kLong));
    EXPECT_EQ(connections, 3);
  }
  good = true;  // and that one while it was used: it did not come back
  auto lease = pool.take(in(kLong));
  EXPECT_EQ(connections, 4);
}

TEST(Pool, GivesThePlaceBackWhenConnectingFails) {
  int tries = 0;
  Pool pool(
      [&]() -> std::unique_ptr<Session> {
        ++tries;
        throw Failure(Code::unavailable, "nobody there", true);
      },
      1);
  for (int i = 0; i < 3; ++i) EXPECT_THROW(pool.take(in(std::chrono::milliseconds(0))), Failure);
  EXPECT_EQ(tries, 3);
}

}  // namespace
}  // namespace postern::db
