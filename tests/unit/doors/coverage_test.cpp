#include "host/doors/coverage.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace postern::doors {
namespace {

TEST(Coverage, CountsAByteOnceHoweverOftenItIsSent) {
  Coverage coverage;
  for (int i = 0; i < 1000; ++i) coverage.add(0, 1);
  EXPECT_EQ(coverage.covered(), 1);
  EXPECT_FALSE(coverage.whole(1000));
}

TEST(Coverage, JoinsTheRangesOfAResumedDownload) {
  Coverage coverage;
  coverage.add(0, 400);
  coverage.add(400, 1000);
  EXPECT_EQ(coverage.covered(), 1000);
  EXPECT_TRUE(coverage.whole(1000));
}

TEST(Coverage, LeavingAFewBytesOutIsStillADownload) {
  Coverage coverage;
  coverage.add(1, 1000);
  EXPECT_TRUE(coverage.whole(1000));
  Coverage less;
  less.add(51, 1000);
  EXPECT_FALSE(less.whole(1000));
}

TEST(Coverage, AnEmptyDocumentIsWholeAtOnce) { EXPECT_TRUE(Coverage{}.whole(0)); }

TEST(Coverage, AgreesWithABitmapForAnyOrderOfRanges) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Coverage coverage;
    std::vector<bool> bitmap(500);
    for (int i = 0; i < 60; ++i) {
      const auto begin = static_cast<std::int64_t>(random() % 500);
      const auto end = std::min<std::int64_t>(500, begin + static_cast<std::int64_t>(random() % 40));
      coverage.add(begin, end);
      for (auto at = begin; at < end; ++at) bitmap[static_cast<std::size_t>(at)] = true;
      ASSERT_EQ(coverage.covered(), std::count(bitmap.begin(), bitmap.end(), true)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace postern::doors
