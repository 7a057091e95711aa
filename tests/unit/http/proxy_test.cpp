// Which forwarded fields count, and from whom.
#include "host/http/proxy.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace postern::http::testing {
namespace {

RequestHead from(const std::string& address, std::vector<std::pair<std::string, std::string>> fields) {
  RequestHead head;
  head.host = "inner";
  head.address = address;
  for (auto& [name, value] : fields) head.fields.add(name, value);
  return head;
}

TEST(TrustedProxies, AreMatchedByAddressAndNetwork) {
  auto proxies = TrustedProxies::parse({"10.0.0.0/8", "192.168.1.1", "2001:db8::/33", "::1", "unix"});
  ASSERT_TRUE(proxies);
  for (const char* address :
       {"10.1.2.3", "10.255.255.255", "192.168.1.1", "2001:db8:7fff::1", "::1", "::ffff:10.0.0.1", "unix"})
    EXPECT_TRUE(proxies->trusts(address)) << address;
  for (const char* address : {"11.0.0.1", "192.168.1.2", "2001:db8:8000::1", "::2", "", "10.0.0", "nonsense"})
    EXPECT_FALSE(proxies->trusts(address)) << address;
  EXPECT_FALSE(TrustedProxies().trusts("unix"));
}

TEST(TrustedProxies, RefuseAnEntryThatIsNone) {
  for (const char* entry : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "proxy.example",
                            "10.0.0.0/-1", "10.0.0.0/8x"}) {
    auto proxies = TrustedProxies::parse({entry});
    ASSERT_FALSE(proxies) << entry;
    EXPECT_EQ(proxies.error().message, "Trusted proxy \"" + std::string(entry) +
                                           "\" is neither an address nor a network such as 10.0.0.0/8.");
  }
}

TEST(TrustedProxies, SpeakForTheClientBehindTheLastOneThatIsNotTrusted) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8"}).value();
  auto head = from("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 203.0.113.9"},
                                {"X-Forwarded-For", "10.0.0.2"},
                                {"X-Forwarded-Proto", "https"},
                                {"X-Forwarded-Host", "Firm.Example:8443"}});
  ASSERT_TRUE(proxies.apply(head));
  EXPECT_EQ(head.address, "203.0.113.9");
  EXPECT_TRUE(head.secure);
  EXPECT_EQ(head.host, "firm.example");
  EXPECT_EQ(head.port, 8443);
}

TEST(TrustedProxies, StopAtAHopThatIsNoAddress) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8"}).value();
  auto head = from("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, unknown, 10.0.0.7"}});
  ASSERT_TRUE(proxies.apply(head));
  EXPECT_EQ(head.address, "10.0.0.7");
}

TEST(TrustedProxies, ThatSendABadHostAreRefused) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8"}).value();
  auto head = from("10.0.0.1", {{"X-Forwarded-Host", "a/b"}});
  EXPECT_FALSE(proxies.apply(head));
}

TEST(Strangers, CannotForwardAnythingAndTheirFieldsAreRemoved) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8"}).value();
  auto head = from("203.0.113.9", {{"x-forwarded-for", "10.0.0.1"},
                                   {"X-Forwarded-Proto", "https"},
                                   {"X-Forwarded-Host", "evil"},
                                   {"X-Kept", "yes"}});
  ASSERT_TRUE(proxies.apply(head));
  EXPECT_EQ(head.address, "203.0.113.9");
  EXPECT_FALSE(head.secure);
  EXPECT_EQ(head.host, "inner");
  EXPECT_EQ(head.fields.all().size(), 1U);
  EXPECT_EQ(head.fields.get("X-Kept"), "yes");
}

TEST(Proxies, AreHeardByTheServerWhenListed) {
  for (const bool listed : {false, true}) {
    ServerOptions options;
    if (listed) options.trusted_proxies = {"127.0.0.0/8"};
    ServerFixture fixture(std::move(options));
    Client client(fixture.port());
    client.send(
        "GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: firm.example\r\n\r\n");
    EXPECT_EQ(client.reply().value().body,
              listed ? "GET /x? firm.example:443 secure 203.0.113.9 []" : "GET /x? a:80 plain 127.0.0.1 []");
  }
}

}  // namespace
}  // namespace postern::http::testing
