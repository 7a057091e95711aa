// postern serve: everything is built here by hand, top to bottom, and ends bottom to top.
#include <csignal>
#include <iostream>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"
#include "host/doors/doors.hpp"
#include "host/http/server.hpp"
#include "host/staff/api.hpp"
#include "host/web/embedded.hpp"

namespace postern::cli {
namespace {

http::ServerOptions server_options(const settings::HostSettings& host) {
  http::ServerOptions options;
  for (const auto& listen : host.listen) options.listen.push_back({listen.address.host, listen.address.port, listen.tls});
  for (const auto& pair : host.certificates) options.certificates.push_back({pair.certificate.string(), pair.key.string()});
  options.trusted_proxies = host.trusted_proxies;
  options.reactor_threads = host.threads.reactor;
  options.action_threads = host.threads.action;
  options.io_threads = host.threads.io;
  const auto& limits = host.limits;
  options.queue = limits.queue;
  options.connections = limits.connections;
  options.request_line_limit = limits.request_line;
  options.head_limit = limits.head;
  options.field_limit = limits.head_fields;
  options.head_timeout = limits.head_timeout;
  options.idle_timeout = limits.idle_timeout;
  options.minimum_rate = limits.minimum_rate;
  options.rate_window = limits.rate_window;
  options.drain_timeout = limits.drain_timeout;
  return options;
}

Severity severity(const std::string& level) {
  if (level == "debug") return Severity::debug;
  if (level == "warning") return Severity::warning;
  if (level == "error") return Severity::error;
  return Severity::info;
}

Result<firm::Libraries> load_libraries(const settings::HostSettings& host) {
  firm::Libraries libraries;
  for (const auto& file : plugin_files(host)) {
    POSTERN_TRY(auto library, plugins::Library::load(host.plugin_folder.string(), file));
    const std::string id = library->manifest().id;
    libraries.emplace(id, std::move(library));
  }
  return libraries;
}

/// The signals main waits for; blocked in every thread, so that only wait() takes them.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int wait() const {
    int number = 0;
    sigwait(&set_, &number);
    return number;
  }

 private:
  sigset_t set_;
};

}  // namespace

int run(const Serve&, const std::string& config) {
  const Signals signals;  // before any thread is made
  const auto house = read_house(config);
  if (!house) return 2;

  const firm::SystemClock clock;
  auto opened = log::Logger::open(house->host.log.file.string(),
                                  house->host.log.format == "text" ? log::Format::text : log::Format::json,
                                  severity(house->host.log.level), clock);
  if (!opened.ok()) return complain(opened.error());
  log::Logger& logger = **opened;

  auto assets = web::Assets::create(web::embedded_files());
  if (!assets.ok()) return complain(assets.error());
  auto libraries = load_libraries(house->host);
  if (!libraries.ok()) return complain(libraries.error());
  std::map<std::string, plugins::Inspection> inspections;
  for (const auto& [id, library] : *libraries) {
    inspections.emplace(id, library->inspection());
    if (auto added = assets->add_plugin(id, library->inspection().files); !added.ok()) return complain(added.error());
  }

  std::vector<std::unique_ptr<firm::Firm>> firms;
  for (const auto& settings : house->firms) {
    auto firm = firm::open(settings, clock);
    if (!firm.ok()) return complain(firm.error());
    if (auto done = firm::migrate(**firm, inspections); !done.ok()) return complain(done.error());
    if (auto done = firm::start_plugins(**firm, *libraries, *assets, logger); !done.ok()) return complain(done.error());
    if (const auto swept = firm::sweep(**firm); !swept.ok()) return complain(swept.error());
    firms.push_back(*std::move(firm));
  }

  {
    doors::Doors doors(firms, *assets, staff::begin, logger, staff::refused);
    http::ServerOptions options = server_options(house->host);
    options.on_fault = [&logger](const std::string& what) {
      logger.event(Severity::error, "host.fault", {{"reason", what}});
    };
    auto server = http::Server::start(std::move(options), doors);
    if (!server.ok()) return complain(server.error());
    doors.set_ready(true);
    logger.event(Severity::info, "host.ready", {{"firms", std::to_string(firms.size())}});

    for (int signal = signals.wait(); signal == SIGHUP; signal = signals.wait()) {
      logger.reopen();
      if (auto done = (*server)->reload_certificates(); !done.ok())
        logger.event(Severity::error, "certificates.kept", {{"reason", done.error().message}});
    }
    doors.set_ready(false);
    logger.event(Severity::info, "host.draining", {});
    (*server)->drain();
  }
  for (auto& firm : firms) firm::stop(*firm, house->host.limits.drain_timeout, logger);
  logger.event(Severity::info, "host.stopped", {});
  return 0;
}

}  // namespace postern::cli
