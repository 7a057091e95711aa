// Answers with long bodies: files, sources and bytes; slow, absent and leaving readers; revocation.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "support.hpp"

namespace postern::http::testing {
namespace {

constexpr std::size_t kSize = 40'000'000;

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

char byte_at(std::size_t i) { return static_cast<char>((i * 2654435761U) >> 13); }

const std::string& pattern() {
  static const std::string kBytes = [] {
    std::string bytes(kSize, '\0');
    for (std::size_t i = 0; i < kSize; ++i) bytes[i] = byte_at(i);
    return bytes;
  }();
  return kBytes;
}

int memory_file(const std::string& bytes) {
  const int descriptor = ::memfd_create("pattern", MFD_CLOEXEC);
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(descriptor, bytes.data() + written, bytes.size() - written);
    if (count <= 0) throw std::runtime_error("memfd");
    written += static_cast<std::size_t>(count);
  }
  return descriptor;
}

/// A new descriptor of one file that holds the pattern.
int pattern_file() {
  static const int kFile = memory_file(pattern());
  return ::fcntl(kFile, F_DUPFD_CLOEXEC, 0);
}

class Pattern final : public BodySource {
 public:
  explicit Pattern(std::size_t size, std::atomic<std::size_t>* read = nullptr) : left_(size), read_(read) {}
  ssize_t read(std::span<std::byte> room) override {
    const std::size_t count = std::min(room.size(), left_);
    for (std::size_t i = 0; i < count; ++i) room[i] = static_cast<std::byte>(byte_at(at_ + i));
    at_ += count;
    left_ -= count;
    if (read_ != nullptr) *read_ += count;
    return static_cast<ssize_t>(count);
  }

 private:
  std::size_t left_;
  std::atomic<std::size_t>* read_;
  std::size_t at_ = 0;
};

enum class Kind { bytes, file, source };

struct Sent {
  std::atomic<int> calls{0};
  std::atomic<int> complete{0};
  std::atomic<std::uint64_t> delivered{0};
};

Script download(Kind kind, Sent& sent, std::shared_ptr<std::atomic<bool>> cancelled = {},
                std::atomic<std::size_t>* read = nullptr) {
  Script script;
  script.answer = [&sent, kind, cancelled, read](std::string) {
    Response response;
    if (kind == Kind::bytes) response.bytes = pattern();
    if (kind == Kind::file) response.file.emplace(pattern_file(), 0, kSize);
    if (kind == Kind::source) {
      response.source = std::make_shared<Pattern>(kSize, read);
      response.source_length = kSize;
    }
    response.cancelled = cancelled;
    response.on_sent = [&sent](std::uint64_t delivered, bool complete) {
      sent.delivered = delivered;
      sent.complete += complete ? 1 : 0;
      ++sent.calls;
    };
    return response;
  };
  return script;
}

class Downloads : public ::testing::TestWithParam<Kind> {};

TEST_P(Downloads, ArriveWholeAndAreReportedComplete) {
  ServerFixture fixture;
  Sent sent;
  fixture.application.route("/d", download(GetParam(), sent));
  Client client(fixture.port());
  client.send(get("/d") + get("/x"));
  const auto reply = client.reply();
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->body == pattern());
  EXPECT_TRUE(eventually([&] { return sent.calls == 1; }));
  EXPECT_EQ(sent.complete, 1);
  EXPECT_EQ(sent.delivered, kSize);
  EXPECT_EQ(client.reply().value().status, 200);  // the next request of the same connection
}

TEST_P(Downloads, OfClientsThatLeaveAreReportedIncompleteAndLeaveNothingOpen) {
  ::close(pattern_file());  // the file itself is opened once and stays
  ServerFixture fixture;
  Sent sent;
  fixture.application.route("/d", download(GetParam(), sent));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    Client client(fixture.port(), 4096);
    client.send(get("/d"));
    EXPECT_GT(client.read_some(static_cast<std::size_t>(i) * 1000 + 1), 0U);
    if (i % 2 == 0) client.reset();
  }
  EXPECT_TRUE(eventually([&] { return sent.calls == 20; }));
  EXPECT_EQ(sent.complete, 0);
  EXPECT_LT(sent.delivered, kSize);
  EXPECT_TRUE(eventually([&] { return open_descriptors() == before; }));
}

TEST_P(Downloads, ThatNobodyReadsCostNoTimeAndHoldUpNobody) {
  ServerOptions options;
  options.reactor_threads = 1;
  ServerFixture fixture(std::move(options));
  Sent sent;
  std::atomic<std::size_t> read{0};
  fixture.application.route("/d", download(GetParam(), sent, {}, &read));
  Client stalled(fixture.port(), 4096);
  stalled.send(get("/d"));
  ASSERT_GT(stalled.read_some(1), 0U);
  // Wait until the kernel's buffer is full: then the source is read no further.
  std::size_t last = 0;
  int rests = 0;
  EXPECT_TRUE(eventually([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    const std::size_t now = read;
    rests = now == last ? rests + 1 : 0;
    last = now;
    return rests > 10;
  }));
  const double cpu = cpu_seconds();
  const std::size_t produced = read;
  Client other(fixture.port());
  for (int i = 0; i < 30; ++i) {
    other.send(get("/x"));
    ASSERT_TRUE(other.reply());
    std::this_thread::sleep_for(
        std::chrono::milliseconds(10));  // in 300 ms a spinning thread would use as much
  }
  EXPECT_LT(cpu_seconds() - cpu, 0.15);
  EXPECT_EQ(read, produced);
  EXPECT_LT(read, kSize);
  EXPECT_EQ(sent.calls, 0);
}

TEST_P(Downloads, AreCutWithinASecondWhenCancelled) {
  ServerFixture fixture;
  for (const bool reads : {false, true}) {
    Sent sent;
    const auto cancelled = std::make_shared<std::atomic<bool>>(false);
    fixture.application.route("/d", download(GetParam(), sent, cancelled));
    Client client(fixture.port(), 4096);
    client.send(get("/d"));
    ASSERT_GT(client.read_some(1), 0U);
    *cancelled = true;
    const auto begin = std::chrono::steady_clock::now();
    std::size_t got = 0;
    if (reads) got = client.read_some(kSize + 1000);
    EXPECT_TRUE(eventually([&] { return sent.calls == 1; }));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
    EXPECT_EQ(sent.complete, 0);
    EXPECT_LT(got, kSize);
    EXPECT_LT(client.read_some(kSize + 1000), kSize);  // the kernel's part is dropped too
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, Downloads, ::testing::Values(Kind::bytes, Kind::file, Kind::source), [](const auto& kind) {
      return std::string(kind.param == Kind::bytes ? "Bytes" : kind.param == Kind::file ? "File" : "Source");
    });

TEST(Files, AreSentFromTheirOffsetOnly) {
  ServerFixture fixture;
  Script script;
  script.answer = [](std::string) {
    Response response;
    response.status = 206;
    response.file.emplace(memory_file("0123456789"), 3, 4);
    return response;
  };
  fixture.application.route("/f", script);
  Client client(fixture.port());
  client.send(get("/f") + "HEAD /f HTTP/1.1\r\nHost: a\r\n\r\n" + get("/f"));
  EXPECT_EQ(client.reply().value().body, "3456");
  EXPECT_EQ(client.reply(true).value().field("Content-Length"), "4");
  EXPECT_EQ(client.reply().value().body, "3456");
}

TEST(Files, ThatAreShorterThanPromisedCutTheConnection) {
  ServerFixture fixture;
  std::atomic<int> incomplete{0};
  Script script;
  script.answer = [&](std::string) {
    Response response;
    response.file.emplace(memory_file("0123456789"), 0, 20);
    response.on_sent = [&](std::uint64_t delivered, bool complete) {
      incomplete += delivered == 10 && !complete ? 1 : 0;
    };
    return response;
  };
  fixture.application.route("/f", script);
  Client client(fixture.port());
  client.send(get("/f"));
  EXPECT_FALSE(client.reply());
  EXPECT_EQ(incomplete, 1);
}

TEST(Sources, ThatFailOrEndTooSoonCutTheConnection) {
  class Failing final : public BodySource {
   public:
    explicit Failing(ssize_t last) : last_(last) {}
    ssize_t read(std::span<std::byte> room) override {
      if (std::exchange(begun_, true)) {
        if (last_ < -1) throw std::runtime_error("source");
        return last_;
      }
      std::fill_n(room.data(), 100, std::byte{'x'});
      return 100;
    }

   private:
    ssize_t last_;
    bool begun_ = false;
  };
  ServerFixture fixture;
  for (const int last : {0, -1, -2}) {
    Script script;
    script.answer = [last](std::string) {
      Response response;
      response.source = std::make_shared<Failing>(last);
      response.source_length = 1000;
      return response;
    };
    fixture.application.route("/s", script);
    Client client(fixture.port());
    client.send(get("/s"));
    EXPECT_FALSE(client.reply()) << last;
  }
}

TEST(Sources, AreReadOnAnIoThreadAndNotOnTheReactor) {
  class Blocking final : public BodySource {
   public:
    Blocking(Signal& reading, Signal& go) : reading_(reading), go_(go) {}
    ssize_t read(std::span<std::byte>) override {
      reading_.set();
      go_.wait();
      return 0;
    }

   private:
    Signal& reading_;
    Signal& go_;
  };
  ServerOptions options;
  options.reactor_threads = 1;
  ServerFixture fixture(std::move(options));
  Signal reading;
  Signal go;
  Script script;
  script.answer = [&](std::string) {
    Response response;
    response.source = std::make_shared<Blocking>(reading, go);
    return response;
  };
  fixture.application.route("/s", script);
  Client client(fixture.port());
  client.send(get("/s"));
  ASSERT_TRUE(reading.wait());
  Client other(fixture.port());
  other.send(get("/x"));
  EXPECT_EQ(other.reply().value().status, 200);
  go.set();
  EXPECT_EQ(client.reply().value().body, "");
}

TEST(LongDownloads, LetOthersHaveTheirTurn) {
  ServerOptions options;
  options.reactor_threads = 1;
  ServerFixture fixture(std::move(options));
  Sent sent;
  fixture.application.route("/d", download(Kind::file, sent));
  Script quick;
  quick.at_once = true;
  quick.answer = [](std::string) { return text("quick"); };
  fixture.application.route("/quick", quick);
  Client big(fixture.port());
  std::atomic<bool> done{false};
  std::thread reader([&] {
    for (int i = 0; i < 3; ++i) {
      big.send(get("/d"));
      big.reply();
    }
    done = true;
  });
  Client small(fixture.port());
  int answers = 0;
  while (!done) {
    small.send(get("/quick"));
    if (small.reply()) ++answers;
  }
  reader.join();
  EXPECT_GT(answers, 5);
}

}  // namespace
}  // namespace postern::http::testing
