// What must be accepted: legal spellings of one request, each with what the application is told.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support.hpp"

namespace postern::http::testing {
namespace {

struct Row {
  const char* name;
  std::string bytes;
  std::string echo;
};

std::string get(const std::string& target, const std::string& fields = "Host: a.example\r\n") {
  return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
  return "POST /x HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n" + body;
}
std::string chunks(const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); }
std::string seen(const std::string& path, const std::string& host = "a.example:80") {
  return "GET " + path + " " + host + " plain 127.0.0.1 []";
}

const std::string kPosted = "POST /x? a.example:80 plain 127.0.0.1 [hello]";
const std::string kPostedNothing = "POST /x? a.example:80 plain 127.0.0.1 []";

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      {"a plain request", get("/x"), seen("/x?")},
      {"an empty line first", "\r\n" + get("/x"), seen("/x?")},
      {"field names in any case", get("/x", "hOST: a.example\r\n"), seen("/x?")},
      {"no space behind the colon", get("/x", "Host:a.example\r\n"), seen("/x?")},
      {"spaces and tabs around a value", get("/x", "Host: \t a.example \t\r\n"), seen("/x?")},
      {"an empty value", get("/x", "Host: a.example\r\nX-A:\r\n"), seen("/x?")},
      {"eight bits in a value", get("/x", "Host: a.example\r\nX-A: \xc3\xa4\xff\r\n"), seen("/x?")},
      {"a tab within a value", get("/x", "Host: a.example\r\nX-A: a\tb\r\n"), seen("/x?")},
      {"odd token characters in a name", get("/x", "Host: a.example\r\n!#$%&'*+-.^_`|~9: a\r\n"),
       seen("/x?")},
      {"a foreign cookie without =", get("/x", "Host: a.example\r\nCookie: nonsense;;=\r\n"), seen("/x?")},
      {"an odd Date", get("/x", "Host: a.example\r\nDate: yesterday\r\n"), seen("/x?")},
      {"an odd Accept", get("/x", "Host: a.example\r\nAccept: <script>\r\n"), seen("/x?")},
      {"an odd Cache-Control", get("/x", "Host: a.example\r\nCache-Control: =,=\r\n"), seen("/x?")},
      {"an empty Connection", get("/x", "Host: a.example\r\nConnection: ,\r\n"), seen("/x?")},
      {"an upgrade that is ignored", get("/x", "Host: a.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"),
       seen("/x?")},
      {"a host in upper case", get("/x", "Host: A.EXAMPLE\r\n"), seen("/x?")},
      {"a host with a port", get("/x", "Host: a.example:8080\r\n"), seen("/x?", "a.example:8080")},
      {"a host with an empty port", get("/x", "Host: a.example:\r\n"), seen("/x?")},
      {"an IPv4 host", get("/x", "Host: 127.0.0.1\r\n"), seen("/x?", "127.0.0.1:80")},
      {"an IPv6 host", get("/x", "Host: [2001:DB8::1]:81\r\n"), seen("/x?", "[2001:db8::1]:81")},
      {"the absolute form", get("http://b.example/y?z"), seen("/y?z", "b.example:80")},
      {"the absolute form in capitals with a port", get("HTTP://B.example:99/y"),
       seen("/y?", "b.example:99")},
      {"the absolute form without a path", get("http://b.example"), seen("/?", "b.example:80")},
      {"the absolute form with a query only", get("http://b.example?q"), seen("/?q", "b.example:80")},
      {"an escaped letter", get("/%61%62"), seen("/ab?")},
      {"an escaped space", get("/a%20b"), seen("/a b?")},
      {"UTF-8", get("/%E6%96%87%E6%9B%B8"), seen("/\xe6\x96\x87\xe6\x9b\xb8?")},
      {"dot segments", get("/a/./b/../c"), seen("/a/c?")},
      {"escaped dot segments", get("/a/%2e%2E/b"), seen("/b?")},
      {"half-escaped dot segments", get("/a/.%2e/%2e/b"), seen("/b?")},
      {"dot segments over the root", get("/../../x"), seen("/x?")},
      {"dot segments at the end", get("/a/b/.."), seen("/a/?")},
      {"names that begin with dots", get("/.well-known/...x/..y"), seen("/.well-known/...x/..y?")},
      {"two slashes", get("//x//y"), seen("//x//y?")},
      {"a semicolon", get("/x;v=1"), seen("/x;v=1?")},
      {"what browsers do not escape", get("/x|[]^?a[]=\"<>{}`|\\^"), seen("/x|[]^?a[]=\"<>{}`|\\^")},
      {"a question mark in the query", get("/x?a?b"), seen("/x?a?b")},
      {"a raw escape in the query", get("/x?a=%2f..%zz"), seen("/x?a=%2f..%zz")},
      {"version 1.2 as 1.1", "GET /x HTTP/1.2\r\nHost: a.example\r\n\r\n", seen("/x?")},
      {"a request line of 8 KiB", get("/" + std::string(8192 - 14, 'a')),
       seen("/" + std::string(8192 - 14, 'a') + "?")},
      {"100 fields",
       [] {
         std::string fields = "Host: a.example\r\n";
         for (int i = 0; i < 99; ++i) fields += "X-A: b\r\n";
         return get("/x", fields);
       }(),
       seen("/x?")},
      {"a body of a length", post("Content-Length: 5\r\n", "hello"), kPosted},
      {"a length with zeros in front", post("Content-Length: 0005\r\n", "hello"), kPosted},
      {"a length of nothing", post("Content-Length: 0\r\n", ""), kPostedNothing},
      {"a POST without a length", post("", ""), kPostedNothing},
      {"one chunk", chunks("5\r\nhello\r\n0\r\n\r\n"), kPosted},
      {"several chunks", chunks("1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n"), kPosted},
      {"no chunk", chunks("0\r\n\r\n"), kPostedNothing},
      {"sizes with zeros in front", chunks("0005\r\nhello\r\n000\r\n\r\n"), kPosted},
      {"sizes in capitals", chunks("A\r\nhellohello\r\n0\r\n\r\n"),
       "POST /x? a.example:80 plain 127.0.0.1 [hellohello]"},
      {"an extension", chunks("5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n"), kPosted},
      {"trailers", chunks("5\r\nhello\r\n0\r\nX-A: b\r\nX-B:\r\n\r\n"), kPosted},
      {"CHUNKED in capitals", post("Transfer-Encoding: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n"), kPosted},
  };
  return kRows;
}

TEST(LegalRequests, AreUnderstood) {
  ServerFixture fixture;
  ASSERT_GE(rows().size(), 30U);
  for (const auto& row : rows()) {
    SCOPED_TRACE(row.name);
    Client client(fixture.port());
    client.send(row.bytes);
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, row.echo);
    EXPECT_EQ(reply->field("Connection"), "");
    client.send(get("/next"));
    EXPECT_EQ(client.reply().value().body, seen("/next?"));
  }
}

TEST(LegalRequests, CutAtEveryPointGiveTheSameAnswer) {
  ServerOptions options;
  options.reactor_threads = 1;
  ServerFixture fixture(std::move(options));
  Client barrier(fixture.port());
  const std::vector<std::string> requests{
      get("/x?y", "Host: a.example\r\nCookie: a=b\r\n"), chunks("5;a=b\r\nhello\r\n0\r\nX-A: b\r\n\r\n"),
      chunks("1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n"), post("Content-Length: 5\r\n", "hello")};
  for (const auto& request : requests) {
    Client whole(fixture.port());
    whole.send(request);
    const std::string expected = whole.reply().value().body;
    Client client(fixture.port());  // one connection for all: nothing may be left over from one to the next
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
      SCOPED_TRACE(request.substr(0, cut));
      client.send(request.substr(0, cut));
      // One thread serves both connections in the order their bytes came, so this answer tells that it has
      // the first part.
      barrier.send(get("/barrier"));
      ASSERT_TRUE(barrier.reply());
      client.send(request.substr(cut));
      const auto reply = client.reply();
      ASSERT_TRUE(reply);
      ASSERT_EQ(reply->body, expected);
    }
  }
}

TEST(LegalRequests, SentByteByByteAreUnderstood) {
  ServerFixture fixture;
  Client client(fixture.port());
  for (const char c : chunks("5\r\nhello\r\n0\r\nX-A: b\r\n\r\n") + get("/x")) client.send({&c, 1});
  EXPECT_EQ(client.reply().value().body, kPosted);
  EXPECT_EQ(client.reply().value().body, seen("/x?"));
}

}  // namespace
}  // namespace postern::http::testing
