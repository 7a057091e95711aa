// The thread pool: its bound, and that one wake-up at a time still brings every thread to work.
#include "host/http/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "support.hpp"

namespace postern::http::testing {
namespace {

TEST(ThreadPool, RunsAsManyBlockingTasksAtOnceAsItHasThreads) {
  ThreadPool pool("test", 4, 100, [](const std::string&) {});
  for (int round = 0; round < 200; ++round) {
    Signal go;
    std::atomic<int> inside{0};
    std::atomic<int> left{0};
    for (int i = 0; i < 4; ++i)
      ASSERT_TRUE(pool.try_push([&] {
        if (++inside == 4)
          go.set();  // the last one in lets all go: with a thread asleep nobody would come out
        go.wait();
        ++left;
      }));
    ASSERT_TRUE(eventually([&] { return left == 4; })) << "round " << round;
  }
}

TEST(ThreadPool, RefusesOnlyWhatItsBoundForbids) {
  ThreadPool pool("test", 1, 2, [](const std::string&) {});
  Signal go;
  Signal running;
  std::atomic<int> done{0};
  pool.push([&] {
    running.set();
    go.wait();
  });
  ASSERT_TRUE(running.wait());
  EXPECT_TRUE(pool.try_push([&] { ++done; }));
  EXPECT_TRUE(pool.try_push([&] { ++done; }));
  EXPECT_FALSE(pool.try_push([&] { ++done; }));
  pool.push([&] { ++done; });  // what continues accepted work is never refused
  go.set();
  EXPECT_TRUE(eventually([&] { return done == 3; }));
}

TEST(ThreadPool, SurvivesAnExceptionAndReportsIt) {
  std::mutex mutex;
  std::string heard;
  ThreadPool pool("test", 1, 10, [&](const std::string& what) {
    const std::lock_guard lock(mutex);
    heard = what;
  });
  Signal done;
  pool.push([] { throw std::runtime_error("oops"); });
  pool.push([&] { done.set(); });
  EXPECT_TRUE(done.wait());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, "a task ended with an exception: oops");
}

TEST(ThreadPool, DropsWhatWaitsWhenItStops) {
  ThreadPool pool("test", 1, 10, [](const std::string&) {});
  Signal go;
  Signal running;
  std::atomic<bool> ran{false};
  pool.push([&] {
    running.set();
    go.wait();
  });
  ASSERT_TRUE(running.wait());
  const auto kept = std::make_shared<int>(0);
  pool.push([&, kept] { ran = true; });
  std::thread stop([&] { pool.stop(); });
  EXPECT_TRUE(eventually([&] { return kept.use_count() == 1; }));
  go.set();
  stop.join();
  EXPECT_FALSE(ran);
  EXPECT_FALSE(pool.try_push([] {}));
}

}  // namespace
}  // namespace postern::http::testing
