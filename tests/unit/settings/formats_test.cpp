// The forms of texts, as tables of what is taken and what is not.
#include "host/settings/formats.hpp"

#include <gmock/gmock.h>

#include "host/settings/colour.hpp"
#include "host/settings/problem.hpp"

namespace postern::settings {
namespace {

using Texts = std::vector<std::string>;

// Not inlined: g++ 12 warns of a false overrun when it sees the length.
[[gnu::noinline]] std::string many(std::size_t count, char c) { return std::string(count, c); }

template <class F>
void expect_all(F&& test, const Texts& good, const Texts& bad) {
  for (const auto& text : good) EXPECT_TRUE(test(text)) << "refused: " << text;
  for (const auto& text : bad) EXPECT_FALSE(test(text)) << "taken: " << text;
}

TEST(Formats, DurationsAreOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("30d"), 30LL * 24 * 3600 * 1000);
  EXPECT_EQ(parse_duration("2w"), 14LL * 24 * 3600 * 1000);
  EXPECT_EQ(parse_duration("250ms"), 250);
  EXPECT_EQ(parse_duration("0s"), 0);
  for (const std::string text : {"", "d", "30", "30 d", "30D", "-1s", "+1s", "1h30m", "1.5h", " 1s", "1s ",
                                 "1y", "0x1s", "99999999999999999999d", "9223372036854775807w"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(format_duration(90'000), "90s");
  EXPECT_EQ(format_duration(14LL * 86'400'000), "14d");
  EXPECT_EQ(format_duration(1001), "1001ms");
  EXPECT_EQ(format_duration(0), "0s");
}

TEST(Formats, SizesTellThousandsFrom1024) {
  EXPECT_EQ(parse_size("3 GiB"), 3LL << 30);
  EXPECT_EQ(parse_size("512MiB"), 512LL << 20);
  EXPECT_EQ(parse_size("10 kB"), 10'000);
  EXPECT_EQ(parse_size("0 B"), 0);
  for (const std::string text :
       {"", "10", "10 k", "10 KB", "10 kb", "1.5 GiB", "10  kB", "-1 B", "9000000 TiB", "GiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
  EXPECT_EQ(format_size(16 * 1024), "16 KiB");
  EXPECT_EQ(format_size(10'000), "10 kB");
  EXPECT_EQ(format_size(1001), "1001 B");
  EXPECT_EQ(format_size(0), "0 B");
}

TEST(Formats, EmailAddresses) {
  expect_all(is_email,
             {"ann@example.com", "a.b+c@x-y.example", "o'hara@localhost", "x@xn--bcher-kva.example"},
             {"", "@", "ann", "ann@", "@example.com", "a b@example.com", "a..b@example.com", ".a@example.com",
              "a.@example.com", "a@b@c", "a@-b.example", "a@b..example", "a@10.0.0.1", "a@exa mple.com",
              "a@b.example\n", "\"a b\"@example.com", many(65, 'a') + "@example.com",
              "a@" + many(64, 'b') + ".example"});
}

TEST(Formats, HostNames) {
  expect_all(is_host_name,
             {"localhost", "links.example.com", "Links.Example.COM", "xn--bcher-kva.example", "127.0.0.1",
              "::1", "fd00::1", "a-b.c1", "1und1.example"},
             {"", ".", "example.com.", "-a.example", "a-.example", "a..b", "a_b.example", "a b", "10.0.0.300",
              "1.2.3", "[::1]", "host:80", "https://host", "büro.example", many(64, 'a'), "*.example.com"});
}

TEST(Formats, Urls) {
  expect_all(is_url,
             {"https://example.com", "http://localhost:8080", "https://[::1]:8443/a?b=c#d",
              "HTTPS://Example.com/%C3%A9"},
             {"", "example.com", "ftp://example.com", "https://", "https:///path", "https://a b.example",
              "//example.com", "https://ann@example.com", "https://ann:pw@example.com",
              "https://example.com:0", "https://example.com:65536",
              "https://example.com:", "https://example.com/a b", "https://example.com/<x>", "https://[::1",
              "https://é.example", "javascript:alert(1)", "https://example.com\n"});
  auto url = split_url("HTTPS://Links.Example.com:8443/a?b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "links.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a?b");
  EXPECT_EQ(split_url("http://[fd00::1]/")->host, "fd00::1");
  EXPECT_EQ(split_url("https://a.example")->port, 443);
}

TEST(Formats, ListenAddresses) {
  auto taken = [](const std::string& text) { return parse_address(text).has_value(); };
  expect_all(taken, {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:443", "[::]:65535", "unix:/run/postern.sock"},
             {"", ":80", "*:80", "8080", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
              "127.0.0.1:-1", "::1:80", "[::1]", "[::1:80", "[127.0.0.1]:80", "unix:", "unix:/", "unix:run/x",
              "127.0.0.1:80 ", "unix:/" + many(107, 'x')});
  EXPECT_EQ(parse_address("[fd00::1]:81")->host, "fd00::1");
  EXPECT_EQ(parse_address("[fd00::1]:81")->port, 81);
  EXPECT_TRUE(parse_address("unix:/run/postern.sock")->is_unix());
}

TEST(Formats, Networks) {
  expect_all(is_network, {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "fd00::/128"},
             {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "fd00::/129", "host", "10.0.0.0/-1", "/8",
              "10.0.0.0/8/8"});
}

TEST(Formats, Colours) {
  EXPECT_EQ(parse_colour("#1A5fB4"), "#1a5fb4");
  EXPECT_EQ(parse_colour("#fC0"), "#ffcc00");
  for (const std::string text : {"", "#", "1a5fb4", "#1a5fb", "#1a5fb4ff", "#ggg", "red", "#12 456"}) {
    EXPECT_FALSE(parse_colour(text)) << text;
  }
}

TEST(Formats, Languages) {
  expect_all(
      is_language, {"en", "ja", "pt-BR", "zh-Hant", "zh-Hant-TW", "es-419", "haw"},
      {"", "e", "EN", "english", "en_GB", "en-gb", "en-", "-en", "en-GB-oed", "zh-hant", "en--GB", "en-GB-"});
}

TEST(Formats, TimeZonesOfTheSystemsDatabase) {
  expect_all(is_time_zone,
             {"UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires", "Asia/Tokyo", "Etc/GMT+5"},
             {"", "Europe", "Europe/Atlantis", "europe/madrid", "../zoneinfo/UTC", "/usr/share/zoneinfo/UTC",
              "zone.tab", "posix/UTC", "localtime", "UTC\n", "Europe//Madrid/.."});
  EXPECT_GT(time_zones().size(), 300U);
}

TEST(Formats, NamesOfFirmsPluginsAndServices) {
  expect_all(is_firm_id, {"demo", "acme-tax-2", "a"},
             {"", "Demo", "1acme", "-a", "a-", "acme_tax", "a.b", "../a", many(41, 'a')});
  expect_all(is_plugin_id, {"share", "e-sign2"},
             {"", "Share", "2sign", "e_sign", "a/b", "-a", "a-", many(33, 'a')});
  expect_all(is_key_name, {"expires_days", "a1"}, {"", "Days", "1a", "a-b", "a.b", "_a", many(41, 'a')});
  expect_all(is_service, {"documents/1", "links/12"},
             {"", "documents", "documents/", "documents/0", "documents/1a", "/1", "a/b/1"});
}

TEST(Formats, LoopbackHosts) {
  expect_all(is_loopback, {"localhost", "LOCALHOST", "acme.localhost", "127.0.0.1", "127.1.2.3", "::1"},
             {"localhost.example.com", "127.0.0.1.example.com", "128.0.0.1", "notlocalhost", ""});
}

TEST(Formats, SecretReferences) {
  expect_all(
      is_secret_reference, {"file:secret", "file:/etc/postern/key", "env:SMTP_PASSWORD", "env:_x1"},
      {"", "file:", "env:", "env:1X", "env:A B", "env:A=B", "hunter2", "FILE:x", "file: x", "vault:x"});
}

TEST(Formats, WhiteTextOnAColourIsMeasuredAsWcagSays) {
  EXPECT_NEAR(contrast_with_white("#000000"), 21.0, 0.001);
  EXPECT_NEAR(contrast_with_white("#ffffff"), 1.0, 0.001);
  EXPECT_NEAR(contrast_with_white("#767676"), 4.54, 0.005);  // the lightest grey that passes
  EXPECT_NEAR(contrast_with_white("#777777"), 4.48, 0.005);
}

TEST(Formats, AColourIsDarkenedOnlyAsMuchAsNeeded) {
  EXPECT_EQ(darken_for_white_text("#1a5fb4"), "#1a5fb4");
  for (const std::string colour : {"#ffffff", "#ffcc00", "#66ccff", "#777777", "#00ff00"}) {
    const auto darker = darken_for_white_text(colour);
    EXPECT_GE(contrast_with_white(darker), 4.5) << colour;
    EXPECT_LT(contrast_with_white(darker), 5.0) << colour << " became needlessly dark: " << darker;
  }
}

TEST(Nearest, IsWhatAHandProbablyMeant) {
  const Texts keys{"enabled", "allow", "settings", "time_zone", "tls"};
  EXPECT_EQ(nearest("setings", keys), "settings");
  EXPECT_EQ(nearest("timezone", keys), "time_zone");
  EXPECT_EQ(nearest("tsl", keys), "tls");
  EXPECT_EQ(nearest("enable", keys), "enabled");
  EXPECT_EQ(nearest("colour", keys), "");
  EXPECT_EQ(nearest("", keys), "");
  EXPECT_EQ(nearest(many(10'000, 'a'), keys), "");
}

TEST(Quotes, CutLongTextsAndShowControlCharacters) {
  EXPECT_EQ(in_quotes("a\"b\\\n\x01é"), "\"a\\\"b\\\\\\n\\x01é\"");
  EXPECT_EQ(in_quotes(many(100, 'x')), "\"" + many(60, 'x') + "...\"");
  EXPECT_EQ(in_quotes("日本"), "\"日本\"");
}

}  // namespace
}  // namespace postern::settings
