// The peer of http_bench_server: Pistache's own Http::Endpoint with the same answer. pistache_hello PORT;
// serves until SIGTERM or SIGINT.
#include <pistache/endpoint.h>

#include <csignal>
#include <cstdlib>

namespace {

class Hello final : public Pistache::Http::Handler {
 public:
  HTTP_PROTOTYPE(Hello)
  void onRequest(const Pistache::Http::Request&, Pistache::Http::ResponseWriter response) override {
    response.headers().add<Pistache::Http::Header::Connection>(Pistache::Http::ConnectionControl::KeepAlive);
    response.send(Pistache::Http::Code::Ok, "Hello, World!");
  }
};

}  // namespace

int main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const auto port = Pistache::Port(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 9080));
  Pistache::Http::Endpoint endpoint(Pistache::Address(Pistache::Ipv4::loopback(), port));
  endpoint.init(Pistache::Http::Endpoint::options().threads(2).flags(Pistache::Tcp::Options::ReuseAddr));
  endpoint.setHandler(Pistache::Http::make_handler<Hello>());
  endpoint.serveThreaded();
  int signal = 0;
  sigwait(&ends, &signal);
  endpoint.shutdown();
  return 0;
}
