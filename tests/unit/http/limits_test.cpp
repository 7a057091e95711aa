// Time-outs, minimum rates, the bounded queue, the cap on connections, running out of descriptors, and
// draining.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <string>
#include <thread>

#include "support.hpp"

namespace postern::http::testing {
namespace {

using std::chrono::milliseconds;

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

ServerOptions short_times() {
  ServerOptions options;
  options.head_timeout = milliseconds(200);
  options.idle_timeout = milliseconds(200);
  options.rate_window = milliseconds(400);
  options.minimum_rate =
      100;  // far below what the slow but honest send, so that a busy machine does not matter
  return options;
}

class Endless final : public BodySource {
 public:
  ssize_t read(std::span<std::byte> room) override {
    std::fill(room.begin(), room.end(), std::byte{'x'});
    return static_cast<ssize_t>(room.size());
  }
};

Script blocking(Signal& go, std::atomic<int>& running) {
  Script script;
  script.answer = [&](std::string) {
    ++running;
    go.wait();
    return text("done");
  };
  return script;
}

TEST(TimeOuts, CutASlowHeadOnTheFirstAndOnLaterRequests) {
  ServerFixture fixture(short_times());
  Client first(fixture.port());
  first.send("GET / HT");
  EXPECT_EQ(first.reply().value().status, 408);
  EXPECT_TRUE(first.closed());
  Client later(fixture.port());
  later.send(get("/x") + "GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(later.reply().value().status, 200);
  EXPECT_EQ(later.reply().value().status, 408);
  EXPECT_TRUE(later.closed());
}

TEST(TimeOuts, CutAHeadThatComesDropByDrop) {
  ServerFixture fixture(short_times());
  Client client(fixture.port());
  std::atomic<bool> done{false};
  std::thread drops([&] {
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    while (!done && client.send("x")) std::this_thread::sleep_for(milliseconds(20));
  });
  const auto reply = client.reply();
  done = true;
  drops.join();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 408);
}

TEST(TimeOuts, CloseSilentConnectionsWithoutAnAnswer) {
  ServerFixture fixture(short_times());
  Client never(fixture.port());
  EXPECT_TRUE(never.closed());
  Client once(fixture.port());
  once.send(get("/x"));
  EXPECT_TRUE(once.reply());
  EXPECT_TRUE(once.closed());
}

TEST(TimeOuts, LeaveALongAnswerAlone) {
  ServerFixture fixture(short_times());
  Signal go;
  std::atomic<int> running{0};
  fixture.application.route("/long", blocking(go, running));
  Client client(fixture.port());
  client.send(get("/long"));
  std::this_thread::sleep_for(
      milliseconds(900));  // longer than every time-out: what is tested is that none fires
  go.set();
  EXPECT_EQ(client.reply().value().body, "done");
}

TEST(MinimumRate, CutsABodyThatComesTooSlowly) {
  ServerFixture fixture(short_times());
  std::atomic<int> unanswered{0};
  Script script;
  script.mode = BodyMode::streamed;
  script.limit = 1000000;
  script.take = [](std::string_view) { return true; };
  script.ended = [&](bool answered) { unanswered += answered ? 0 : 1; };
  fixture.application.route("/up", script);
  for (const char* path : {"/up", "/buffered"}) {
    Client client(fixture.port());
    client.send("PUT " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");
    EXPECT_EQ(client.reply().value().status, 408) << path;
    EXPECT_TRUE(client.closed());
  }
  EXPECT_TRUE(eventually([&] { return unanswered == 1; }));
}

TEST(MinimumRate, LetsASlowHonestBodyLiveLongerThanTheWindow) {
  ServerFixture fixture(short_times());
  Client client(fixture.port());
  client.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n");
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(client.send(std::string(50, 'x')));
    std::this_thread::sleep_for(milliseconds(20));  // 2,500 bytes a second for three windows
  }
  EXPECT_EQ(client.reply().value().status, 200);
}

TEST(MinimumRate, CutsAReaderWhoReadsNothing) {
  ServerFixture fixture(short_times());
  std::atomic<int> incomplete{0};
  Script script;
  script.answer = [&](std::string) {
    Response response;
    response.source = std::make_shared<Endless>();
    response.on_sent = [&](std::uint64_t, bool complete) { incomplete += complete ? 0 : 1; };
    return response;
  };
  fixture.application.route("/d", script);
  Client client(fixture.port(), 4096);
  client.send(get("/d"));
  EXPECT_TRUE(eventually([&] { return incomplete == 1; }));
  EXPECT_TRUE(eventually([&] { return fixture.server->statistics().connections_open == 0; }));
}

TEST(MinimumRate, LetsASlowReaderLive) {
  ServerFixture fixture(short_times());
  std::atomic<int> ended{0};
  Script script;
  script.answer = [&](std::string) {
    Response response;
    response.source = std::make_shared<Endless>();
    response.on_sent = [&](std::uint64_t, bool) { ++ended; };
    return response;
  };
  fixture.application.route("/d", script);
  Client client(fixture.port(), 4096);
  client.send(get("/d"));
  for (int i = 0; i < 60; ++i) {
    ASSERT_GT(client.read_some(500), 0U);
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(ended, 0);
}

TEST(Overload, IsAnsweredAtOnceWith503AndRetryAfter) {
  ServerOptions options;
  options.action_threads = 2;
  options.queue = 3;
  ServerFixture fixture(std::move(options));
  Signal go;
  std::atomic<int> running{0};
  fixture.application.route("/long", blocking(go, running));
  std::deque<Client> clients;
  for (int i = 0; i < 2; ++i) clients.emplace_back(fixture.port()).send(get("/long"));
  ASSERT_TRUE(eventually([&] { return running == 2; }));
  for (int i = 0; i < 3; ++i) clients.emplace_back(fixture.port()).send(get("/long"));
  ASSERT_TRUE(eventually([&] { return fixture.server->statistics().requests_total == 5; }));
  Client refused(fixture.port());
  for (const std::string& request :
       {get("/long"), "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + std::string()}) {
    refused.send(request);
    const auto reply = refused.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 503);
    EXPECT_EQ(reply->field("Retry-After"), "1");
    EXPECT_EQ(reply->field("Connection"), "");
  }
  Script quick;
  quick.at_once = true;
  quick.answer = [](std::string) { return text("quick"); };
  fixture.application.route("/quick", quick);
  refused.send(get("/quick"));
  EXPECT_EQ(refused.reply().value().body, "quick");
  EXPECT_EQ(fixture.server->statistics().refused_busy, 2U);
  go.set();
  for (auto& client : clients) EXPECT_EQ(client.reply().value().body, "done");
}

TEST(Overload, LetsConnectionsOverTheCapWaitInTheBacklog) {
  ServerOptions options;
  options.connections = 2;
  ServerFixture fixture(std::move(options));
  auto first = std::make_unique<Client>(fixture.port());
  Client second(fixture.port());
  for (Client* client : {first.get(), &second}) {
    client->send(get("/x"));
    ASSERT_TRUE(client->reply());
  }
  Client third(fixture.port());
  third.send(get("/x"));
  second.send(get("/x"));
  ASSERT_TRUE(second.reply());
  EXPECT_EQ(fixture.server->statistics().connections_total, 2U);
  first.reset();
  EXPECT_EQ(third.reply().value().status, 200);
}

TEST(Overload, OfDescriptorsDoesNotSpinAndPasses) {
  ServerFixture fixture;
  Client client(fixture.port());
  client.send(get("/x"));
  ASSERT_TRUE(client.reply());
  std::deque<Client> waiting;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  for (int i = 0; i < 3; ++i) waiting.emplace_back(fixture.port());
  ASSERT_TRUE(eventually([&] { return fixture.server->statistics().connections_open == 4; }));
  // Sockets of clients are made while there is room, then the room is taken away and they connect.
  const int pending = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(fixture.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(pending, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const double cpu = cpu_seconds();
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_LT(cpu_seconds() - cpu, 0.1);
  client.send(get("/x"));
  EXPECT_TRUE(client.reply());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(eventually([&] { return fixture.server->statistics().connections_open == 5; }));
  ::close(pending);
}

TEST(Drain, LetsRunningRequestsEndAndRefusesNewConnections) {
  ServerFixture fixture;
  Signal go;
  std::atomic<int> running{0};
  fixture.application.route("/long", blocking(go, running));
  const auto port = fixture.port();
  Client busy(port);
  Client idle(port);
  idle.send(get("/x"));
  ASSERT_TRUE(idle.reply());
  busy.send(get("/long"));
  ASSERT_TRUE(eventually([&] { return running == 1; }));
  std::thread drain([&] { fixture.server->drain(); });
  EXPECT_TRUE(idle.closed());
  EXPECT_THROW(Client{port}, std::runtime_error);
  go.set();
  const auto reply = busy.reply();
  drain.join();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "done");
  EXPECT_EQ(reply->field("Connection"), "close");
}

TEST(Drain, CutsWhatDoesNotEndInTime) {
  ServerOptions options;
  options.drain_timeout = milliseconds(100);
  ServerFixture fixture(std::move(options));
  std::atomic<int> incomplete{0};
  Script script;
  script.answer = [&](std::string) {
    Response response;
    response.source = std::make_shared<Endless>();
    response.on_sent = [&](std::uint64_t, bool complete) { incomplete += complete ? 0 : 1; };
    return response;
  };
  fixture.application.route("/d", script);
  Client client(fixture.port(), 4096);
  client.send(get("/d"));
  ASSERT_GT(client.read_some(1), 0U);
  fixture.server->drain();
  EXPECT_EQ(incomplete, 1);
  EXPECT_EQ(fixture.server->statistics().connections_open, 0U);
}

TEST(Drain, LeavesNothingOpenButWhatPistacheNeverCloses) {
  const auto serve_once = [](unsigned reactors) {
    const std::size_t before = open_descriptors();
    ServerOptions options;
    options.reactor_threads = reactors;
    ServerFixture fixture(std::move(options));
    Client client(fixture.port());
    client.send(get("/x"));
    EXPECT_TRUE(client.reply());
    return before;
  };
  // Two event descriptors a reactor: of its shutdown and of its load. A process starts its reactors once.
  const std::size_t before = serve_once(1);
  EXPECT_EQ(open_descriptors(), before + 2);
  const std::size_t again = serve_once(3);
  EXPECT_EQ(open_descriptors(), again + 6);
}

TEST(Start, NamesTheAddressThatCannotBeUsed) {
  ServerFixture fixture;
  ServerOptions options;
  options.listen.push_back({"127.0.0.1", fixture.port()});
  ScriptedApplication application;
  auto taken = Server::start(options, application);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "Cannot listen on 127.0.0.1 port " + std::to_string(fixture.port()) +
                                       ": Address already in use.");
  options.listen[0].address = "nowhere";
  EXPECT_EQ(Server::start(options, application).error().message,
            "Cannot listen on \"nowhere\": it is no IPv4 or IPv6 address and no unix:/path.");
}

TEST(Hostility, ManySlowClientsDoNotDisturbAnHonestOne) {
  ServerFixture fixture;
  Script script;
  script.answer = [](std::string) {
    Response response;
    response.source = std::make_shared<Endless>();
    return response;
  };
  fixture.application.route("/d", script);
  std::deque<Client> crowd;
  for (int i = 0; i < 300; ++i) {
    Client& client = crowd.emplace_back(fixture.port(), 4096);
    if (i % 3 == 0) client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    if (i % 3 == 1) client.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");
    if (i % 15 == 2) client.send(get("/d"));
  }
  Client honest(fixture.port());
  for (int i = 0; i < 200; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    honest.send(get("/y"));
    ASSERT_TRUE(honest.reply());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  }
}

}  // namespace
}  // namespace postern::http::testing
