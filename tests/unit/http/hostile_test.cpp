// Every hard rule about what a stranger may send, as one table over a real socket: raw bytes, the status
// expected, and in every row that the connection is closed, that what follows the bad request was not run as
// a request, and that the server lives on.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "support.hpp"

namespace postern::http::testing {
namespace {

using std::string_literals::operator""s;

struct Row {
  const char* name;
  std::string bytes;
  int status;  // 0: closed without an answer
};

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a.example\r\n\r\n";
}
std::string with(const std::string& field) {
  return "GET /x HTTP/1.1\r\nHost: a.example\r\n" + field + "\r\n\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
  return "POST /x HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n" + body;
}
std::string chunks(const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); }

const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      // The request line
      {"two spaces behind the method", "GET  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces before the version", "GET /x  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space in the target", get("/a b"), 400},
      {"a tab behind the method", "GET\t/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space behind the version", "GET /x HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"a space before the method", " GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version (HTTP/0.9)", "GET /x\r\nHost: a\r\n\r\n", 400},
      {"a version cut to H", "GET /x H\r\nHost: a\r\n\r\n", 400},
      {"an empty version", "GET /x \r\nHost: a\r\n\r\n", 400},
      {"version 1.15", "GET /x HTTP/1.15\r\nHost: a\r\n\r\n", 400},
      {"a version in lower case", "GET /x http/1.1\r\nHost: a\r\n\r\n", 400},
      {"version 2.0", "GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"version 0.9", "GET /x HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"a method in lower case", "get /x HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"an unknown method", "BREW /x HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a method with a colon", "GE:T /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"TRACE", "TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"CONNECT", "CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"a NUL at once", "\0"s, 400},
      {"a line feed first", "\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two empty lines first", "\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a lone carriage return first", "\rGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a request line over 8 KiB", get("/" + std::string(8200, 'a')), 414},
      {"a request line of 64 kB that never ends", "GET /" + std::string(64000, 'a'), 414},
      // The target
      {"no slash before the path", get("x/admin"), 400},
      {"an asterisk with GET", get("*"), 400},
      {"the authority form with GET", get("a.example:80"), 400},
      {"an unknown scheme", get("ftp://a.example/x"), 400},
      {"user information in the target", get("http://user@a.example/x"), 400},
      {"no host in the target", get("http:///x"), 400},
      {"a fragment", get("/x#y"), 400},
      {"a NUL in the path", get("/a\0b"s), 400},
      {"a DEL in the path", get("/a\x7f"), 400},
      {"a bare carriage return in the path", get("/a\rb"), 400},
      {"a bare line feed in the path", get("/a\nb"), 400},
      {"eight bits in the path", get("/\xc3\xa4"), 400},
      {"a backslash", get("/a\\b"), 400},
      {"a quotation mark in the path", get("/a\"b"), 400},
      {"an escaped NUL", get("/a%00b"), 400},
      {"an escaped line end", get("/a%0d%0aX:%20y"), 400},
      {"an escaped slash", get("/a%2fb"), 400},
      {"an escaped backslash", get("/a%5Cb"), 400},
      {"an escaped DEL", get("/a%7f"), 400},
      {"half an escape", get("/a%2"), 400},
      {"an escape that is none", get("/a%zz"), 400},
      {"overlong UTF-8", get("/%c0%ae%c0%ae/x"), 400},
      {"a surrogate in UTF-8", get("/%ed%a0%80"), 400},
      {"Latin-1 instead of UTF-8", get("/%e4"), 400},
      {"a C1 control", get("/%c2%85"), 400},
      {"a control in the query", get("/x?a=\x01"), 400},
      // Header fields
      {"no Host", "GET /x HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"two equal Hosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"an empty Host", "GET /x HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a Host with a path", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a Host with a space", "GET /x HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"a Host with a list", "GET /x HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a Host with a user", "GET /x HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"a port that is none", "GET /x HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400},
      {"a port over 65535", "GET /x HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
      {"an open bracket", "GET /x HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"a name in brackets", "GET /x HTTP/1.1\r\nHost: [abc]\r\n\r\n", 400},
      {"a folded field", with("X-A: one\r\n two"), 400},
      {"a folded field by tab", with("X-A: one\r\n\ttwo"), 400},
      {"a first field that begins with a space", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a line without a colon", with("bogus"), 400},
      {"a space before the colon", with("X-A : one"), 400},
      {"a tab before the colon", with("X-A\t: one"), 400},
      {"an empty field name", with(": one"), 400},
      {"a parenthesis in a field name", with("X(A): one"), 400},
      {"a NUL in a field name", with("X\0A: one"s), 400},
      {"a NUL in a field value", with("X-A: o\0ne"s), 400},
      {"a bare carriage return in a value", with("X-A: o\rne"), 400},
      {"a bare line feed in a value", with("X-A: o\nX-B: two"), 400},
      {"a DEL in a value", with("X-A: o\x7f"), 400},
      {"line ends of LF only", "GET /x HTTP/1.1\nHost: a\n\n", 400},
      {"an empty line of LF only", "GET /x HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"101 fields",
       [] {
         std::string head = "GET /x HTTP/1.1\r\nHost: a\r\n";
         for (int i = 0; i < 100; ++i) head += "X-A: one\r\n";
         return head + "\r\n";
       }(),
       431},
      {"a head over 16 KiB", with("X-A: " + std::string(17000, 'a')), 431},
      {"a field of 70 kB that never ends", "GET /x HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(70000, 'a'),
       431},
      {"an unknown expectation", with("Expect: x"), 417},
      // The length of the body
      {"a length and a coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       400},
      {"a coding and a length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
       400},
      {"two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400},
      {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {"a list of lengths", post("Content-Length: 5, 5\r\n", "hello"), 400},
      {"a length with a sign", post("Content-Length: +5\r\n", "hello"), 400},
      {"a negative length", post("Content-Length: -1\r\n", "hello"), 400},
      {"a length with letters behind", post("Content-Length: 5abc\r\n", "hello"), 400},
      {"a length in hexadecimal", post("Content-Length: 0x5\r\n", "hello"), 400},
      {"a length with an underscore", post("Content-Length: 1_0\r\n", "hello"), 400},
      {"a length with a space within", post("Content-Length: 5 5\r\n", "hello"), 400},
      {"an empty length", post("Content-Length:\r\n", "hello"), 400},
      {"a length of 2^64", post("Content-Length: 18446744073709551616\r\n", "hello"), 400},
      {"a length of 4e18", post("Content-Length: 4000000000000000000\r\n", "hello"), 400},
      {"a length over the limit", post("Content-Length: 8000000000\r\n", "hello"), 413},
      // Transfer codings
      {"the coding xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400},
      {"the coding chunk", post("Transfer-Encoding: chunk\r\n", "0\r\n\r\n"), 400},
      {"the coding identity", post("Transfer-Encoding: identity\r\n", ""), 400},
      {"the coding gzip", post("Transfer-Encoding: gzip\r\n", ""), 400},
      {"the codings chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400},
      {"the codings gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
      {"two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"an empty coding", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 400},
      {"a coding with a vertical tab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       400},
      {"a coding with a space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
      {"a coding with HTTP/1.0", "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      // Chunks
      {"a chunk size with 0x", chunks("0x5\r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk size behind a space", chunks(" 5\r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk size before a space", chunks("5 \r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk size with a sign", chunks("+5\r\nhello\r\n0\r\n\r\n"), 400},
      {"a negative chunk size", chunks("-2\r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk size of an underscore", chunks("_\r\nhello\r\n0\r\n\r\n"), 400},
      {"an empty chunk size", chunks("\r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk size of 16 f", chunks("ffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk size of 2^63-1", chunks("7fffffffffffffff\r\nhello\r\n0\r\n\r\n"), 400},
      {"a chunk over the limit", chunks("7fffffff\r\n" + std::string(1100000, 'a')), 413},
      {"a chunk line of LF only", chunks("5\nhello\r\n0\r\n\r\n"), 400},
      {"no line end behind a chunk", chunks("5\r\nhello0\r\n\r\n"), 400},
      {"a chunk longer than it says", chunks("5\r\nhello!\r\n0\r\n\r\n"), 400},
      {"an extension without a name", chunks("5;\r\nhello\r\n0\r\n\r\n"), 400},
      {"an endless extension", chunks("5;a=" + std::string(400, 'b') + "\r\nhello\r\n0\r\n\r\n"), 400},
      {"a trailer that carries a request", chunks("0\r\n" + kSmuggled), 400},
      {"a folded trailer", chunks("0\r\nX-A: a\r\n b\r\n\r\n"), 400},
      {"endless trailers", chunks("0\r\nX-A: " + std::string(9000, 'a') + "\r\n\r\n"), 400},
  };
  return kRows;
}

TEST(HostileRequests, AreRefusedOneByOneAndTheConnectionCloses) {
  ServerFixture fixture;
  std::atomic<int> smuggled{0};
  fixture.application.route("/smuggled", [&](const RequestHead&) {
    ++smuggled;
    return Script{};
  });
  ASSERT_GE(rows().size(), 60U);
  for (const auto& row : rows()) {
    SCOPED_TRACE(row.name);
    Client client(fixture.port());
    client.send(row.bytes);
    client.send(kSmuggled);
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, row.status) << reply->body;
    EXPECT_EQ(reply->field("Connection"), "close");
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(smuggled, 0);
  Client after(fixture.port());
  after.send(get("/lives"));
  EXPECT_EQ(after.reply().value().status, 200);
}

TEST(HostileRequests, ArriveByteByByteAndAreRefusedAllTheSame) {
  ServerFixture fixture;
  for (const auto& row : rows()) {
    if (row.bytes.size() > 300) continue;
    SCOPED_TRACE(row.name);
    Client client(fixture.port());
    for (const char c : row.bytes)
      if (!client.send({&c, 1})) break;
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, row.status) << reply->body;
    EXPECT_TRUE(client.closed());
  }
}

TEST(HostileRequests, NameTheMethodsThatAreAllowedInA405) {
  ServerFixture fixture;
  Client client(fixture.port());
  client.send("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.reply().value().field("Allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

}  // namespace
}  // namespace postern::http::testing
