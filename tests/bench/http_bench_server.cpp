// A bare server on host/http for wrk and curl: http_bench_server PORT [FILE] [CERTIFICATE KEY]. Prints its
// port and serves until SIGINT or SIGTERM.
//   /hello   answered on the reactor thread        /action   answered on an action thread
//   /file    FILE with sendfile                    /source   FILE through a BodySource
//   PUT /sink  takes any body and counts it
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "host/http/server.hpp"

namespace {

using namespace postern;
using namespace postern::http;

struct File {
  std::string path;
  std::uint64_t size = 0;
};

class Hello final : public Exchange {
 public:
  explicit Hello(bool at_once) : at_once_(at_once) {}
  BodyMode body_mode() const override { return BodyMode::none; }
  std::uint64_t body_limit() const override { return 0; }
  bool answers_at_once() const override { return at_once_; }
  Response answer(std::string) override {
    Response response;
    response.fields.add("Content-Type", "text/plain");
    response.bytes = "Hello, World!";
    return response;
  }

 private:
  bool at_once_;
};

class FileSource final : public BodySource {
 public:
  explicit FileSource(int descriptor) : descriptor_(descriptor) {}
  ~FileSource() override { ::close(descriptor_); }
  ssize_t read(std::span<std::byte> room) override { return ::read(descriptor_, room.data(), room.size()); }

 private:
  int descriptor_;
};

class Download final : public Exchange {
 public:
  Download(const File& file, bool source) : file_(file), source_(source) {}
  BodyMode body_mode() const override { return BodyMode::none; }
  std::uint64_t body_limit() const override { return 0; }
  Response answer(std::string) override {
    Response response;
    const int descriptor = ::open(file_.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      response.status = 404;
    } else if (source_) {
      response.source = std::make_shared<FileSource>(descriptor);
      response.source_length = file_.size;
    } else {
      response.file.emplace(descriptor, 0, file_.size);
    }
    return response;
  }

 private:
  const File& file_;
  bool source_;
};

class Sink final : public Exchange {
 public:
  BodyMode body_mode() const override { return BodyMode::streamed; }
  std::uint64_t body_limit() const override { return std::uint64_t{1} << 40; }
  bool take(std::span<const std::byte> piece) override {
    taken_ += piece.size();
    return true;
  }
  Response answer(std::string) override {
    Response response;
    response.bytes = std::to_string(taken_) + "\n";
    return response;
  }

 private:
  std::uint64_t taken_ = 0;
};

class Bench final : public Application {
 public:
  explicit Bench(File file) : file_(std::move(file)) {}
  std::unique_ptr<Exchange> begin(RequestHead head) override {
    if (head.path == "/file") return std::make_unique<Download>(file_, false);
    if (head.path == "/source") return std::make_unique<Download>(file_, true);
    if (head.path == "/sink") return std::make_unique<Sink>();
    return std::make_unique<Hello>(head.path == "/hello");
  }
  Response error(int status, const std::string& reason, const RequestHead*) override {
    Response response;
    response.status = status;
    response.bytes = reason + "\n";
    return response;
  }

 private:
  File file_;
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  File file;
  if (argc > 2) {
    struct stat status {};
    file.path = argv[2];
    if (::stat(argv[2], &status) == 0) file.size = static_cast<std::uint64_t>(status.st_size);
  }
  ServerOptions options;
  options.listen.push_back({"127.0.0.1", static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0)});
  if (argc > 4) {
    options.certificates.push_back({argv[3], argv[4]});
    options.listen.push_back({"127.0.0.1", 0, true});
  }
  options.on_fault = [](const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); };
  Bench bench(std::move(file));
  auto server = Server::start(std::move(options), bench);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  for (const auto port : (*server)->ports()) std::printf("%u\n", unsigned{port});
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  (*server)->drain();
  return 0;
}
