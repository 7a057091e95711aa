// The gate, targets and chunks as pure functions: every split, and limits to the byte.
#include "host/http/gate.hpp"

#include <gtest/gtest.h>

#include <string>

#include "host/http/chunked.hpp"
#include "host/http/response_head.hpp"
#include "host/http/target.hpp"

namespace postern::http::testing {
namespace {

HeadScanner::State scan(const GateLimits& limits, const std::string& bytes, int* status = nullptr) {
  HeadScanner scanner(limits);
  const auto state = scanner.scan(bytes);
  if (status != nullptr) *status = scanner.refusal().status;
  return state;
}

TEST(HeadScanner, FindsTheEndInAnyPortions) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n";
  const std::string bytes = head + "GET /next";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    HeadScanner scanner(GateLimits{});
    std::size_t given = 0;
    auto state = HeadScanner::State::more;
    while (state == HeadScanner::State::more && given < bytes.size()) {
      given = std::min(given + step, bytes.size());
      state = scanner.scan(std::string_view(bytes).substr(0, given));
    }
    ASSERT_EQ(state, HeadScanner::State::complete) << step;
    EXPECT_EQ(scanner.begin(), 2U);
    EXPECT_EQ(scanner.end(), head.size());
  }
}

TEST(HeadScanner, KeepsItsLimitsToTheByte) {
  GateLimits limits;
  limits.request_line = 20;
  limits.head = 60;
  limits.fields = 2;
  int status = 0;
  const std::string line20 = "GET /2345678 HTTP/1.1";  // 21 bytes
  EXPECT_EQ(scan(limits, line20.substr(0, 4) + line20.substr(5) + "\r\n\r\n"), HeadScanner::State::complete);
  EXPECT_EQ(scan(limits, line20 + "\r\n\r\n", &status), HeadScanner::State::refused);
  EXPECT_EQ(status, 414);
  EXPECT_EQ(scan(limits, std::string(21, 'a')), HeadScanner::State::more);  // a CR may still follow
  EXPECT_EQ(scan(limits, std::string(22, 'a'), &status), HeadScanner::State::refused);
  EXPECT_EQ(status, 414);
  const std::string start = "GET / HTTP/1.1\r\n";  // 16 bytes
  EXPECT_EQ(scan(limits, start + std::string(40, 'a') + "\r\n\r\n"), HeadScanner::State::complete);  // 60
  EXPECT_EQ(scan(limits, start + std::string(41, 'a') + "\r\n\r\n", &status), HeadScanner::State::refused);
  EXPECT_EQ(status, 431);
  EXPECT_EQ(scan(limits, start + std::string(45, 'a'), &status), HeadScanner::State::refused);
  EXPECT_EQ(status, 431);
  EXPECT_EQ(scan(limits, start + "a: b\r\na: b\r\n\r\n"), HeadScanner::State::complete);
  EXPECT_EQ(scan(limits, start + "a: b\r\na: b\r\na: b\r\n", &status), HeadScanner::State::refused);
  EXPECT_EQ(status, 431);
}

TEST(Paths, AreNormalisedOnceAndForAll) {
  const std::pair<const char*, const char*> cases[] = {{"/", "/"},
                                                       {"/a/b", "/a/b"},
                                                       {"/a/", "/a/"},
                                                       {"/.", "/"},
                                                       {"/..", "/"},
                                                       {"/./a", "/a"},
                                                       {"/../a", "/a"},
                                                       {"/a/..", "/"},
                                                       {"/a/../", "/"},
                                                       {"/a/./", "/a/"},
                                                       {"/a/.", "/a/"},
                                                       {"/a/b/../c", "/a/c"},
                                                       {"/a//../b", "/a/b"},
                                                       {"//..//a", "//a"},
                                                       {"/a/%2e%2e/%2e/b", "/b"},
                                                       {"/a%20b", "/a b"},
                                                       {"/%C3%A4", "/\xc3\xa4"},
                                                       {"/.a/..b/c..", "/.a/..b/c.."},
                                                       {"/%25", "/%"},
                                                       {"/%252e%252e/a", "/%2e%2e/a"}};
  for (const auto& [path, expected] : cases)
    EXPECT_EQ(normalise_path(path), std::optional<std::string>(expected)) << path;
  for (const char* bad :
       {"", "a", "/%", "/%1", "/%g0", "/%00", "/%1f", "/%7f", "/%2f", "/%5c", "/%80", "/%c0%80", "/%ff",
        "/%e2%82", "/%f5%80%80%80", "/%f4%90%80%80", "/%ed%a0%80", "/%c2%9f"})
    EXPECT_FALSE(normalise_path(bad)) << bad;
}

TEST(Paths, NormalisedTwiceStayAsTheyAre) {
  for (const char* path : {"/a/../b//./c", "/..", "//a/..", "/a/b/../../.."}) {
    const auto once = normalise_path(path);
    ASSERT_TRUE(once);
    EXPECT_EQ(normalise_path(*once), once) << path;
  }
}

std::string decode(const std::string& bytes, std::size_t step, ChunkedDecoder::Status& status,
                   std::size_t& consumed) {
  ChunkedDecoder decoder;
  std::string body;
  consumed = 0;
  std::size_t given = 0;
  status = ChunkedDecoder::Status::more;
  while (status == ChunkedDecoder::Status::more || status == ChunkedDecoder::Status::data) {
    if (status == ChunkedDecoder::Status::more) {
      if (given == bytes.size()) break;
      given = std::min(given + step, bytes.size());
    }
    std::size_t used = 0;
    std::string_view data;
    status = decoder.next(std::string_view(bytes).substr(consumed, given - consumed), used, data);
    consumed += used;
    body += data;
  }
  return body;
}

TEST(Chunks, DecodeAlikeInAnyPortions) {
  const std::string coded = "5;x=y\r\nhello\r\n1\r\n \r\n00a\r\nworld12345\r\n0\r\nX-A: b\r\n\r\n";
  for (std::size_t step = 1; step <= coded.size() + 4; ++step) {
    ChunkedDecoder::Status status{};
    std::size_t consumed = 0;
    EXPECT_EQ(decode(coded + "NEXT", step, status, consumed), "hello world12345");
    EXPECT_EQ(status, ChunkedDecoder::Status::done);
    EXPECT_EQ(consumed, coded.size());
  }
}

TEST(Chunks, CutAnywhereAreNeverTakenForWhole) {
  const std::string coded = "5\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t cut = 0; cut < coded.size(); ++cut) {
    ChunkedDecoder::Status status{};
    std::size_t consumed = 0;
    decode(coded.substr(0, cut), 3, status, consumed);
    EXPECT_EQ(status, ChunkedDecoder::Status::more) << cut;
  }
}

TEST(Dates, AreFixedLengthGmt) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Fields, CompareNamesWithoutCaseAndReplaceAllOfAName) {
  Fields fields;
  fields.add("A", "1");
  fields.add("b", "2");
  fields.add("a", "3");
  EXPECT_EQ(fields.get("a"), "1");
  EXPECT_TRUE(fields.has("B"));
  EXPECT_FALSE(fields.has("c"));
  fields.set("A", "4");
  fields.set("C", "5");
  ASSERT_EQ(fields.all().size(), 3U);
  EXPECT_EQ(fields.get("a"), "4");
  EXPECT_EQ(fields.get("c"), "5");
}

}  // namespace
}  // namespace postern::http::testing
