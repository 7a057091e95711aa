// What the tests of host/http share: an application made of lambdas, and a raw client that sends exactly the
// bytes it is given and reads answers strictly.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "host/http/server.hpp"

namespace postern::http::testing {

/// How one exchange behaves. Empty functions: the defaults of Exchange; answer() without a function echoes
/// the request.
struct Script {
  BodyMode mode = BodyMode::none;
  std::uint64_t limit = 1024 * 1024;
  bool at_once = false;
  std::function<std::optional<Response>()> admit;
  std::function<bool(std::string_view)> take;
  std::function<Response(std::string)> answer;
  std::function<void(bool answered)> ended;  // from the destructor
};

class ScriptedApplication final : public Application {
 public:
  using Route = std::function<Script(const RequestHead&)>;
  void route(const std::string& path, Route script) { routes_[path] = std::move(script); }
  void route(const std::string& path, Script script) {
    routes_[path] = [script = std::move(script)](const RequestHead&) { return script; };
  }

  /// Unknown paths: buffered up to 1 MiB, answered with "METHOD path?query host:port secure address [body]".
  std::unique_ptr<Exchange> begin(RequestHead head) override;
  Response error(int status, const std::string& reason, const RequestHead* head) override;

 private:
  std::map<std::string, Route> routes_;
};

Response text(std::string body, int status = 200);

/// An event one thread waits for and another brings about; gives up after ten seconds.
class Signal {
 public:
  void set();
  bool wait();

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool set_ = false;
};

/// True as soon as `condition` is; false after ten seconds.
bool eventually(const std::function<bool()>& condition);

struct Reply {
  int status = 0;
  std::string head;
  std::string body;
  /// The value of a field, empty when there is none.
  std::string field(std::string_view name) const;
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);
  /// One whole answer by its own framing; `head` for the answer to a HEAD. Empty: none came within ten
  /// seconds, or it is not well-formed. Interim answers (1xx) are returned too.
  std::optional<Reply> reply(bool head = false);
  /// Whether the server closes (or resets) within ten seconds, with nothing more sent than was read already.
  bool closed();
  /// Everything until the server closes.
  std::string rest();
  std::size_t read_some(std::size_t most);
  void shut();   // no more requests, still listening
  void reset();  // leaves with an RST
  int descriptor() const { return descriptor_; }

 private:
  bool more();
  bool chunks(std::string& body);
  std::optional<std::string> line();

  int descriptor_;
  std::string in_;
  bool end_ = false;
};

/// A server on a free port of 127.0.0.1 with an application of lambdas.
class ServerFixture {
 public:
  explicit ServerFixture(ServerOptions options = {});
  std::uint16_t port(std::size_t index = 0) const { return server->ports()[index]; }

  ScriptedApplication application;
  std::unique_ptr<Server> server;
};

std::size_t open_descriptors();
/// CPU seconds this process has used.
double cpu_seconds();

}  // namespace postern::http::testing
