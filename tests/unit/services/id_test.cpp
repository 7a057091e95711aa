#include "host/services/id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace postern::services {
namespace {

// Far ahead, so that ids of other tests of this program do not push the moment on.
constexpr Timestamp kMoment{3'000'000'000'000};

TEST(Id, IsAUuidOfVersionSevenWithItsMoment) {
  const std::string id = new_id({0x0123456789AB});
  EXPECT_TRUE(is_id(id)) << id;
  EXPECT_EQ(id.substr(0, 15), "01234567-89ab-7");
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
}

TEST(Id, SortsInTheOrderItWasMadeWithinAMillisecond) {
  std::string last = new_id(kMoment);
  for (int i = 0; i < 20'000; ++i) {  // more than the counter of one millisecond holds
    std::string next = new_id(kMoment);
    ASSERT_LT(last, next);
    last = std::move(next);
  }
}

TEST(Id, SortsWhenTheClockStepsBackALittle) {
  const std::string before = new_id(kMoment + kHour);
  EXPECT_LT(before, new_id(kMoment + (kHour - 5)));
  EXPECT_LT(before, new_id(kMoment + kHour + 1));
}

TEST(Id, FollowsAClockThatWasSetBack) {
  (void)new_id(kMoment + kDay);
  EXPECT_LT(new_id(kMoment + kHour), new_id(kMoment + 2 * kHour));
}

TEST(Id, IsNeverGivenTwice) {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 5000; ++i) mine.push_back(new_id(kMoment + 2 * kDay));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 20'000U);
}

TEST(Id, IsRecognised) {
  EXPECT_TRUE(is_id("01234567-89ab-7def-8123-456789abcdef"));
  EXPECT_TRUE(is_id("01234567-89AB-7DEF-8123-456789ABCDEF"));
  for (const char* wrong :
       {"", "x", "01234567-89ab-7def-8123-456789abcde", "01234567-89ab-7def-8123-456789abcdef0",
        "0123456789ab-7def-8123-456789abcdef00", "01234567-89ab-7def-8123-456789abcdeg",
        "{1234567-89ab-7def-8123-456789abcdef", "01234567_89ab_7def_8123_456789abcdef",
        "01234567-89ab-7def-8123-456789abcd\xC3\xA9"}) {
    EXPECT_FALSE(is_id(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace postern::services
