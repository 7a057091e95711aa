#include <gtest/gtest.h>

#include "host/services/links.hpp"

namespace postern::services {
namespace {

constexpr Timestamp kNow{1'767'225'600'000};

int guesses(WrongTokenLimiter& limiter, std::string_view address, Timestamp now, int most = 1000) {
  int made = 0;
  for (; made < most && limiter.may_guess(address, now); ++made) limiter.wrong(address, now);
  return made;
}

TEST(WrongTokenLimiter, LetsAnAddressGuessSoOftenAMinute) {
  WrongTokenLimiter limiter(10);
  EXPECT_EQ(guesses(limiter, "192.0.2.1", kNow), 10);
  EXPECT_FALSE(limiter.may_guess("192.0.2.1", kNow));
  EXPECT_TRUE(limiter.may_guess("192.0.2.2", kNow));
}

TEST(WrongTokenLimiter, ForgetsWithinAMinute) {
  WrongTokenLimiter limiter(10);
  guesses(limiter, "192.0.2.1", kNow);
  EXPECT_FALSE(limiter.may_guess("192.0.2.1", kNow + 5 * kSecond));
  EXPECT_EQ(guesses(limiter, "192.0.2.1", kNow + 6 * kSecond), 1);
  EXPECT_EQ(guesses(limiter, "192.0.2.1", kNow + 6 * kSecond + kMinute), 10);
}

TEST(WrongTokenLimiter, ForgetsWithinAMinuteHoweverMuchWasTried) {
  WrongTokenLimiter limiter(10);
  for (int i = 0; i < 10'000; ++i) limiter.wrong("192.0.2.1", kNow);
  EXPECT_FALSE(limiter.may_guess("192.0.2.1", kNow));
  EXPECT_EQ(guesses(limiter, "192.0.2.1", kNow + kMinute), 10);
}

TEST(WrongTokenLimiter, SurvivesAClockThatIsSetBack) {
  WrongTokenLimiter limiter(10);
  guesses(limiter, "192.0.2.1", kNow + kDay);
  EXPECT_FALSE(limiter.may_guess("192.0.2.1", kNow));
  limiter.wrong("192.0.2.1", kNow);
  EXPECT_TRUE(limiter.may_guess("192.0.2.1", kNow + kMinute));
}

TEST(WrongTokenLimiter, TakesAnIpv6NetworkForOneAddress) {
  WrongTokenLimiter limiter(4);
  EXPECT_EQ(guesses(limiter, "2001:db8:0:1::1", kNow), 4);
  EXPECT_FALSE(limiter.may_guess("2001:db8:0:1:ffff:ffff:ffff:ffff", kNow));
  EXPECT_FALSE(limiter.may_guess("2001:0db8:0000:0001::2%eth0", kNow));
  EXPECT_TRUE(limiter.may_guess("2001:db8:0:2::1", kNow));
}

TEST(WrongTokenLimiter, TakesAMappedIpv4AddressForItself) {
  WrongTokenLimiter limiter(4);
  EXPECT_EQ(guesses(limiter, "192.0.2.1", kNow), 4);
  EXPECT_FALSE(limiter.may_guess("::ffff:192.0.2.1", kNow));
  EXPECT_TRUE(limiter.may_guess("::ffff:192.0.2.2", kNow));
}

TEST(WrongTokenLimiter, CountsWhatIsNoAddressToo) {
  WrongTokenLimiter limiter(4);
  EXPECT_EQ(guesses(limiter, "not an address", kNow), 4);
  EXPECT_EQ(guesses(limiter, "", kNow), 4);
  EXPECT_EQ(guesses(limiter, std::string(100'000, 'x'), kNow), 4);
}

TEST(WrongTokenLimiter, StaysOfOneSizeAndStillLimitsAfterAFlood) {
  WrongTokenLimiter limiter(4);
  for (int i = 0; i < 200'000; ++i) {  // twelve times the addresses it remembers
    limiter.wrong("10." + std::to_string(i >> 16) + "." + std::to_string((i >> 8) & 255) + "." +
                      std::to_string(i & 255),
                  kNow);
  }
  EXPECT_EQ(guesses(limiter, "192.0.2.1", kNow), 4);
}

TEST(WrongTokenLimiter, WorksWithOddSettings) {
  WrongTokenLimiter none(0);
  EXPECT_EQ(guesses(none, "192.0.2.1", kNow), 1);
  WrongTokenLimiter many(100'000);
  EXPECT_GE(guesses(many, "192.0.2.1", kNow, 2000), 2000);
}

}  // namespace
}  // namespace postern::services
