// Request bodies: buffered and streamed, their limits, back-pressure, and clients that leave in the middle.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "support.hpp"

namespace postern::http::testing {
namespace {

std::string put(const std::string& target, const std::string& fields) {
  return "PUT " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

/// Everything taken so far, for one upload at a time.
struct Taken {
  std::mutex mutex;
  std::string bytes;
  std::size_t size() {
    const std::lock_guard lock(mutex);
    return bytes.size();
  }
};

Script collecting(Taken& taken) {
  Script script;
  script.mode = BodyMode::streamed;
  script.limit = 64 * 1024 * 1024;
  script.take = [&](std::string_view piece) {
    const std::lock_guard lock(taken.mutex);
    taken.bytes += piece;
    return true;
  };
  script.answer = [&](std::string) { return text(std::to_string(taken.size())); };
  return script;
}

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 13);
  return bytes;
}

TEST(Uploads, ArriveInOrderAndWhole) {
  ServerFixture fixture;
  Taken taken;
  fixture.application.route("/up", collecting(taken));
  const std::string body = pattern(20'000'000);
  Client client(fixture.port());
  ASSERT_TRUE(client.send(put("/up", "Content-Length: " + std::to_string(body.size()) + "\r\n")));
  ASSERT_TRUE(client.send(body));
  EXPECT_EQ(client.reply().value().body, std::to_string(body.size()));
  EXPECT_TRUE(taken.bytes == body);
  taken.bytes.clear();
  client.send(put("/up", "Content-Length: 3\r\n") + "abc");
  EXPECT_EQ(client.reply().value().body, "3");
}

TEST(Uploads, InChunksArriveInOrderAndWhole) {
  ServerFixture fixture;
  Taken taken;
  fixture.application.route("/up", collecting(taken));
  const std::string body = pattern(3'000'000);
  Client client(fixture.port());
  ASSERT_TRUE(client.send(put("/up", "Transfer-Encoding: chunked\r\n")));
  std::size_t size = 1;
  for (std::size_t at = 0; at < body.size(); at += size, size = size * 3 + 1) {
    size = std::min(size, body.size() - at);
    char line[32];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    ASSERT_TRUE(client.send(line + body.substr(at, size) + "\r\n"));
  }
  ASSERT_TRUE(client.send("0\r\n\r\n"));
  EXPECT_EQ(client.reply().value().body, std::to_string(body.size()));
  EXPECT_TRUE(taken.bytes == body);
}

TEST(Uploads, WithoutABodyAreAdmittedAndAnswered) {
  ServerFixture fixture;
  Taken taken;
  fixture.application.route("/up", collecting(taken));
  Client client(fixture.port());
  client.send(put("/up", "") + put("/up", "Content-Length: 0\r\n") +
              put("/up", "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.reply().value().body, "0");
}

TEST(Uploads, StopBeingReadWhileMoreThanAMebibyteWaits) {
  ServerFixture fixture;
  Signal go;
  Taken taken;
  Script script = collecting(taken);
  std::atomic<bool> first{true};
  script.take = [&](std::string_view piece) {
    if (first.exchange(false)) go.wait();
    const std::lock_guard lock(taken.mutex);
    taken.bytes += piece;
    return true;
  };
  fixture.application.route("/up", script);
  constexpr std::size_t kSize = 40'000'000;
  Client client(fixture.port());
  client.send(put("/up", "Content-Length: " + std::to_string(kSize) + "\r\n"));
  std::atomic<std::size_t> sent{0};
  std::thread sender([&] {
    const std::string piece(100'000, 'x');
    while (sent < kSize && client.send(piece)) sent += piece.size();
  });
  // The sender comes to rest once the kernel's buffers are full; only then does the time it rests say
  // anything.
  std::size_t before = 0;
  int rests = 0;
  EXPECT_TRUE(eventually([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    const std::size_t now = sent;
    rests = now == before && now > 0 ? rests + 1 : 0;
    before = now;
    return rests > 5;
  }));
  EXPECT_LT(sent, kSize / 2);
  EXPECT_EQ(taken.size(), 0U);
  Client other(fixture.port());
  other.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(other.reply());
  go.set();
  sender.join();
  EXPECT_EQ(client.reply().value().body, std::to_string(kSize));
}

TEST(Uploads, AreToldToContinueOnlyWhenAdmitted) {
  ServerFixture fixture;
  Taken taken;
  fixture.application.route("/up", collecting(taken));
  Script refusing = collecting(taken);
  refusing.admit = [] { return std::optional(text("no", 403)); };
  fixture.application.route("/no", refusing);
  Client client(fixture.port());
  client.send(put("/up", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.reply().value().status, 100);
  client.send("abc");
  EXPECT_EQ(client.reply().value().body, "3");
  client.send(put("/x", "Content-Length: 3\r\nExpect: 100-Continue\r\n"));  // buffered
  EXPECT_EQ(client.reply().value().status, 100);
  client.send("abc");
  EXPECT_EQ(client.reply().value().status, 200);
  client.send(put("/x", "Content-Length: 3\r\nExpect: 100-continue\r\n") + "abc");  // did not wait
  EXPECT_EQ(client.reply().value().status, 200);
  client.send(put("/no", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  const auto refused = client.reply();
  EXPECT_EQ(refused.value().status, 403);
  EXPECT_EQ(refused.value().field("Connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST(Uploads, OverTheLimitAreRefusedBeforeTheyAreRead) {
  ServerFixture fixture;
  Script none;
  fixture.application.route("/none", none);
  Taken taken;
  Script small = collecting(taken);
  small.limit = 10;
  std::atomic<int> unanswered{0};
  small.ended = [&](bool answered) { unanswered += answered ? 0 : 1; };
  fixture.application.route("/small", small);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const std::string& request : {put("/none", "Content-Length: 1\r\nExpect: 100-continue\r\n"),
                                     put("/none", chunked) + "1\r\na\r\n0\r\n\r\n",
                                     put("/small", "Content-Length: 11\r\nExpect: 100-continue\r\n"),
                                     put("/small", chunked) + "b\r\nhello world\r\n0\r\n\r\n",
                                     put("/small", chunked) + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"}) {
    SCOPED_TRACE(request);
    Client client(fixture.port());
    client.send(request);
    EXPECT_EQ(client.reply().value().status, 413);
    EXPECT_TRUE(client.closed());
  }
  EXPECT_TRUE(eventually([&] { return unanswered == 3; }));
  Client client(fixture.port());
  client.send(put("/small", "Content-Length: 10\r\n") + "0123456789");
  EXPECT_EQ(client.reply().value().status, 200);
}

TEST(Uploads, RefusedInTheMiddleGetTheirAnswerThoughTheClientStillSends) {
  ServerFixture fixture;
  Taken taken;
  Script script = collecting(taken);
  script.take = [&](std::string_view) { return false; };
  script.answer = [](std::string) { return text("full", 507); };
  fixture.application.route("/up", script);
  Client client(fixture.port());
  client.send(put("/up", "Content-Length: 60000000\r\n"));
  std::thread sender([&] {
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 600 && client.send(piece); ++i) {
    }
  });
  const auto reply = client.reply();
  sender.join();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 507);
  EXPECT_EQ(reply->body, "full");
  EXPECT_EQ(reply->field("Connection"), "close");
}

TEST(Uploads, OfClientsThatLeaveEndUnanswered) {
  ServerFixture fixture;
  const std::size_t before = open_descriptors();
  std::atomic<int> begun{0};
  std::atomic<int> unanswered{0};
  Taken taken;
  Script script = collecting(taken);
  script.ended = [&](bool answered) { unanswered += answered ? 0 : 1; };
  fixture.application.route("/up", [&](const RequestHead&) {
    ++begun;
    return script;
  });
  for (int i = 0; i < 60; ++i) {
    Client client(fixture.port());
    if (i % 2 == 0) {
      client.send(put("/up", "Content-Length: 1000000\r\n") +
                  std::string(static_cast<std::size_t>(i) * 1000, 'x'));
    } else {
      client.send(put("/up", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n");
    }
    ASSERT_TRUE(eventually([&] { return begun == i + 1; }));
    if (i % 3 == 0) client.reset();
  }
  EXPECT_TRUE(eventually([&] { return unanswered == 60; }));
  EXPECT_TRUE(eventually([&] { return fixture.server->statistics().connections_open == 0; }));
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Uploads, WhoseTakeThrowsAreAnsweredAndClosed) {
  ServerFixture fixture;
  Taken taken;
  Script script = collecting(taken);
  script.take = [](std::string_view) -> bool { throw std::runtime_error("disk"); };
  script.answer = [](std::string) { return text("failed", 500); };
  fixture.application.route("/up", script);
  Client client(fixture.port());
  client.send(put("/up", "Content-Length: 3\r\n") + "abc");
  EXPECT_EQ(client.reply().value().status, 500);
}

TEST(Uploads, AreTakenOnAnIoThreadAndNotOnTheReactor) {
  ServerOptions options;
  options.reactor_threads = 1;
  ServerFixture fixture(std::move(options));
  Signal go;
  Signal taking;
  Taken taken;
  Script script = collecting(taken);
  script.take = [&](std::string_view) {
    taking.set();
    return go.wait();
  };
  fixture.application.route("/up", script);
  Client client(fixture.port());
  client.send(put("/up", "Content-Length: 3\r\n") + "abc");
  ASSERT_TRUE(taking.wait());
  Client other(fixture.port());
  other.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(other.reply().value().status, 200);
  go.set();
  EXPECT_TRUE(client.reply());
}

}  // namespace
}  // namespace postern::http::testing
