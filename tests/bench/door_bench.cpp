// What a call through a plugin's door costs over a direct virtual call: lease, fence, the hop into the
// library.
//
//   door_bench FOLDER PLUGIN.so     (a plugin whose recipient door answers with a clock at most, such as the
//   tests' hello)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "host/plugins/library.hpp"
#include "postern/door.hpp"

namespace {

using namespace postern;

class StillClock final : public Clock {
 public:
  Timestamp now() const noexcept override { return {}; }
};

class OnlyAClock final : public Host {
 public:
  void* service(std::string_view id) noexcept override {
    return id == Clock::kId ? static_cast<Clock*>(&clock_) : nullptr;
  }

 private:
  StillClock clock_;
};

class NoSettings final : public Settings {
 public:
  std::string_view text(std::string_view) const noexcept override { return {}; }
  std::int64_t integer(std::string_view) const noexcept override { return 0; }
  bool flag(std::string_view) const noexcept override { return false; }
  std::string_view json(std::string_view) const noexcept override { return "null"; }
};

class NoTransaction final : public Transaction {
 public:
  Code query(std::string_view, std::span<const Value>, RowSink&, ErrorSink&) override {
    return Code::internal;
  }
  Code execute(std::string_view, std::span<const Value>, std::int64_t&, ErrorSink&) override {
    return Code::internal;
  }
  bool writable() const noexcept override { return false; }
};

class EmptyRequest final : public Request {
 public:
  explicit EmptyRequest(Transaction& transaction) : transaction_(transaction) {}
  std::string_view route() const noexcept override { return "view"; }
  std::string_view method() const noexcept override { return "GET"; }
  std::string_view parameter(std::string_view) const noexcept override { return {}; }
  std::string_view query(std::string_view) const noexcept override { return {}; }
  std::string_view form(std::string_view) const noexcept override { return {}; }
  std::string_view body() const noexcept override { return {}; }
  std::string_view header(std::string_view) const noexcept override { return {}; }
  std::string_view language() const noexcept override { return "en"; }
  Timestamp now() const noexcept override { return {}; }
  Transaction& transaction() const noexcept override { return transaction_; }

 private:
  Transaction& transaction_;
};

class Discard final : public Response, public ErrorSink {
 public:
  void status(int) noexcept override {}
  void header(std::string_view, std::string_view) override {}
  void body(std::string_view, std::string_view bytes) override { seen += bytes.size(); }
  void page(std::string_view, std::string_view values) override { seen += values.size(); }
  void redirect(std::string_view) override {}
  void document(std::string_view, std::uint32_t, Disposition) override {}
  void error(Code, std::string_view, std::string_view) noexcept override { ++errors; }
  std::size_t seen = 0;
  std::size_t errors = 0;
};

/// The same door, called without host or library in between.
class Direct final : public RecipientDoor {
 public:
  Code recipient(const Request&, const Grant&, Response& response, ErrorSink&) override {
    response.body("text/plain", "hello");
    return Code::ok;
  }
};

template <class F>
double nanoseconds_each(F&& call) {
  constexpr int kCalls = 2'000'000;
  for (int i = 0; i < kCalls / 10; ++i) call();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kCalls; ++i) call();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / kCalls;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return std::fprintf(stderr, "usage: door_bench FOLDER PLUGIN.so\n"), 2;
  auto library = plugins::Library::load(words[1], words[2]);
  if (!library.ok()) return std::fprintf(stderr, "%s\n", library.error().message.c_str()), 1;
  OnlyAClock host;
  NoSettings settings;
  auto instance = plugins::Instance::start(*library, host, settings);
  if (!instance.ok()) return std::fprintf(stderr, "%s\n", instance.error().message.c_str()), 1;

  NoTransaction transaction;
  EmptyRequest request(transaction);
  Discard sink;
  Grant grant;
  Direct direct;
  RecipientDoor* volatile through_table = &direct;  // volatile: the call must stay virtual
  const double plain = nanoseconds_each([&] { (void)through_table->recipient(request, grant, sink, sink); });
  const double door = nanoseconds_each([&] { (void)(*instance)->recipient(request, grant, sink, sink); });
  std::printf("{\"direct_ns\": %.1f, \"door_ns\": %.1f, \"over_ns\": %.1f, \"errors\": %zu}\n", plain, door,
              door - plain, sink.errors);
  return sink.errors == 0 ? 0 : 1;
}
