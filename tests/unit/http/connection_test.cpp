// The life of a connection: keep-alive, pipelining, HEAD, framing of answers, half-closed clients.
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "support.hpp"

namespace postern::http::testing {
namespace {

std::string get(const std::string& target, const std::string& fields = "",
                const std::string& version = "1.1") {
  return "GET " + target + " HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n";
}

class Text final : public BodySource {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  ssize_t read(std::span<std::byte> room) override {
    const std::size_t count = std::min({room.size(), text_.size() - position_, std::size_t{7}});
    std::copy_n(reinterpret_cast<const std::byte*>(text_.data()) + position_, count, room.data());
    position_ += count;
    return static_cast<ssize_t>(count);
  }

 private:
  std::string text_;
  std::size_t position_ = 0;
};

Script source_of(const std::string& body, bool sized) {
  Script script;
  script.answer = [body, sized](std::string) {
    Response response;
    response.source = std::make_shared<Text>(body);
    if (sized) response.source_length = body.size();
    return response;
  };
  return script;
}

TEST(Connections, StayOpenWithHttp11UnlessTheClientSaysClose) {
  ServerFixture fixture;
  Client client(fixture.port());
  client.send(get("/1"));
  EXPECT_EQ(client.reply().value().field("Connection"), "");
  client.send(get("/2", "Connection: foo, CLOSE\r\n"));
  EXPECT_EQ(client.reply().value().field("Connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST(Connections, CloseWithHttp10UnlessTheClientSaysKeepAlive) {
  ServerFixture fixture;
  Client keeps(fixture.port());
  keeps.send(get("/1", "Connection: Keep-Alive\r\n", "1.0"));
  EXPECT_EQ(keeps.reply().value().field("Connection"), "keep-alive");
  keeps.send("GET /2 HTTP/1.0\r\n\r\n");  // HTTP/1.0 needs no Host
  const auto last = keeps.reply();
  EXPECT_EQ(last.value().status, 200);
  EXPECT_EQ(last.value().field("Connection"), "close");
  EXPECT_TRUE(keeps.closed());
}

TEST(Connections, CloseWhenTheAnswerSaysSo) {
  ServerFixture fixture;
  Script script;
  script.answer = [](std::string) {
    Response response = text("bye");
    response.close = true;
    return response;
  };
  fixture.application.route("/bye", script);
  Client client(fixture.port());
  client.send(get("/bye"));
  EXPECT_EQ(client.reply().value().body, "bye");
  EXPECT_TRUE(client.closed());
}

TEST(Connections, AnswerPipelinedRequestsInOrder) {
  ServerFixture fixture;
  for (const int count : {2, 16, 1000}) {
    Client client(fixture.port());
    std::string all;
    for (int i = 0; i < count; ++i) all += get("/" + std::to_string(i));
    ASSERT_TRUE(client.send(all));
    for (int i = 0; i < count; ++i) {
      const auto reply = client.reply();
      ASSERT_TRUE(reply) << i << " of " << count;
      ASSERT_EQ(reply->body, "GET /" + std::to_string(i) + "? a:80 plain 127.0.0.1 []");
    }
  }
}

TEST(Connections, AnswerPipelinedRequestsInOrderWhenTheFirstIsSlow) {
  ServerFixture fixture;
  Signal go;
  Script slow;
  slow.answer = [&](std::string) {
    go.wait();
    return text("slow");
  };
  fixture.application.route("/slow", slow);
  Script fast;
  fast.at_once = true;
  fast.answer = [](std::string) { return text("fast"); };
  fixture.application.route("/fast", fast);
  Client client(fixture.port());
  client.send(get("/slow") + get("/fast") + "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" +
              get("/fast"));
  Client other(fixture.port());  // is served meanwhile
  other.send(get("/fast"));
  EXPECT_EQ(other.reply().value().body, "fast");
  go.set();
  EXPECT_EQ(client.reply().value().body, "slow");
  EXPECT_EQ(client.reply().value().body, "fast");
  EXPECT_EQ(client.reply().value().body, "POST /x? a:80 plain 127.0.0.1 [abc]");
  EXPECT_EQ(client.reply().value().body, "fast");
}

TEST(Connections, IgnoreWhatComesBehindTheLastRequest) {
  ServerFixture fixture;
  std::atomic<int> ran{0};
  fixture.application.route("/late", [&](const RequestHead&) {
    ++ran;
    return Script{};
  });
  Client client(fixture.port());
  client.send(get("/x", "Connection: close\r\n") + get("/late"));
  EXPECT_EQ(client.reply().value().status, 200);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(ran, 0);
}

TEST(Connections, AnswerClientsThatHaveClosedTheirSide) {
  ServerFixture fixture;
  Client client(fixture.port());
  client.send(get("/x"));
  client.shut();
  EXPECT_EQ(client.reply().value().status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(Connections, EndAtOnceWhenAnIdleClientLeaves) {
  ServerFixture fixture;
  {
    Client client(fixture.port());
    client.send(get("/x"));
    EXPECT_TRUE(client.reply());
    EXPECT_EQ(fixture.server->statistics().connections_open, 1U);
  }
  EXPECT_TRUE(eventually([&] { return fixture.server->statistics().connections_open == 0; }));
}

TEST(Answers, ToHeadHaveTheHeadOfGetAndNoBody) {
  ServerFixture fixture;
  fixture.application.route("/sized", source_of("0123456789", true));
  fixture.application.route("/chunked", source_of("0123456789", false));
  Client client(fixture.port());
  client.send(
      "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nHEAD /sized HTTP/1.1\r\nHost: a\r\n\r\n"
      "HEAD /chunked HTTP/1.1\r\nHost: a\r\n\r\n" +
      get("/x"));
  EXPECT_EQ(client.reply(true).value().field("Content-Length"),
            std::to_string(std::string("HEAD /x? a:80 plain 127.0.0.1 []").size()));
  EXPECT_EQ(client.reply(true).value().field("Content-Length"), "10");
  const auto chunked = client.reply(true);
  EXPECT_EQ(chunked.value().field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(chunked.value().field("Content-Length"), "");
  EXPECT_EQ(client.reply().value().body, "GET /x? a:80 plain 127.0.0.1 []");
}

TEST(Answers, OfUnknownLengthAreChunkedOrEndWithTheConnection) {
  ServerFixture fixture;
  const std::string body(100'000, 'x');
  fixture.application.route("/chunked", source_of(body, false));
  fixture.application.route("/empty", source_of("", false));
  Client client(fixture.port());
  client.send(get("/chunked") + get("/empty") + get("/chunked", "", "1.0"));
  const auto first = client.reply();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(first->body, body);
  EXPECT_EQ(client.reply().value().body, "");
  const auto old = client.reply();
  EXPECT_EQ(old.value().field("Transfer-Encoding"), "");
  EXPECT_EQ(old.value().body, body);
}

TEST(Answers, WithoutABodyHaveNoLength) {
  ServerFixture fixture;
  for (const int status : {204, 304}) {
    Script script;
    script.answer = [status](std::string) { return text("dropped", status); };
    fixture.application.route("/" + std::to_string(status), script);
    Client client(fixture.port());
    client.send(get("/" + std::to_string(status)) + get("/x"));
    const auto reply = client.reply();
    EXPECT_EQ(reply.value().status, status);
    EXPECT_EQ(reply.value().field("Content-Length"), "");
    EXPECT_EQ(client.reply().value().body, "GET /x? a:80 plain 127.0.0.1 []");
  }
}

TEST(Answers, CannotBeSplitByAFieldOfTheApplication) {
  ServerFixture fixture;
  Script script;
  script.answer = [](std::string) {
    Response response = text("ok");
    response.fields.add("X-A", "one\r\nX-Evil: two\r\n\r\nHTTP/1.1 200 OK");
    response.fields.add("X-B\r\nX-Evil", "three");
    response.fields.add("Content-Length", "999");
    response.fields.add("Connection", "upgrade");
    return response;
  };
  fixture.application.route("/x", script);
  Client client(fixture.port());
  client.send(get("/x"));
  const auto reply = client.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "ok");
  EXPECT_EQ(reply->field("X-Evil"), "");
  EXPECT_EQ(reply->field("X-A"), "one  X-Evil: two    HTTP/1.1 200 OK");
  EXPECT_EQ(reply->field("Content-Length"), "2");
  EXPECT_EQ(reply->field("Connection"), "");
}

TEST(Answers, AreAFixed500WithoutInternalTextWhenTheApplicationThrows) {
  ServerOptions options;
  std::mutex mutex;
  std::string heard;
  options.on_fault = [&](const std::string& what) {
    const std::lock_guard lock(mutex);
    heard += what;
  };
  ServerFixture fixture(std::move(options));
  Script script;
  script.answer = [](std::string) -> Response { throw std::runtime_error("secret detail"); };
  fixture.application.route("/later", script);
  script.at_once = true;
  fixture.application.route("/at-once", script);
  fixture.application.route("/begin",
                            [](const RequestHead&) -> Script { throw std::runtime_error("secret detail"); });
  for (const char* path : {"/later", "/at-once", "/begin"}) {
    Client client(fixture.port());
    client.send(get(path));
    const auto reply = client.reply();
    ASSERT_TRUE(reply) << path;
    EXPECT_EQ(reply->status, 500) << path;
    EXPECT_EQ(reply->body, std::string(path) + ": The server failed on this request.");
    EXPECT_TRUE(client.closed());
  }
  const std::lock_guard lock(mutex);
  EXPECT_NE(heard.find("secret detail"), std::string::npos);
}

TEST(Answers, ToOptionsAsteriskComeFromTheServer) {
  ServerFixture fixture;
  Client client(fixture.port());
  client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto reply = client.reply();
  EXPECT_EQ(reply.value().status, 204);
  EXPECT_NE(reply.value().field("Allow"), "");
}

}  // namespace
}  // namespace postern::http::testing
