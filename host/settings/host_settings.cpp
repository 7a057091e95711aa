#include "host/settings/host_settings.hpp"

#include "host/settings/paths.hpp"

namespace postern::settings {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

std::optional<Complaint> check_network(const Value& value) {
  if (is_network(value.text())) return std::nullopt;
  return Complaint{"an address or a network such as 10.0.0.0/8 or ::1", {}, {}};
}

Field limits_schema() {
  return map("limits", "What one request, one connection and this host may use",
             {size("request_line", "Longest method, path and version")
                  .between(1 * kKiB, 64 * kKiB)
                  .by_default("8 KiB"),
              size("head", "Longest request head").between(4 * kKiB, 256 * kKiB).by_default("16 KiB"),
              integer("head_fields", "Most fields in a request head").between(20, 1000).by_default("100"),
              size("body", "Largest body that is held in memory, as of the staff API")
                  .between(16 * kKiB, 64 * kMiB)
                  .by_default("1 MiB"),
              integer("queue", "Requests that may wait for an action thread; further ones get 503")
                  .between(1, 100'000)
                  .by_default("256"),
              integer("connections", "Connections at once; further ones wait")
                  .between(16, 1'000'000)
                  .by_default("10000"),
              duration("head_timeout", "Time for a whole request head")
                  .between(kSecond, 5 * kMinute)
                  .by_default("10s"),
              duration("idle_timeout", "Time between two requests of a connection")
                  .between(kSecond, 60 * kMinute)
                  .by_default("60s"),
              size("minimum_rate", "Bytes a second under which a slow transfer is cut off")
                  .at_most(kMiB)
                  .by_default("256 B"),
              duration("rate_window", "Time over which the rate is measured")
                  .between(kSecond, 10 * kMinute)
                  .by_default("30s"),
              duration("drain_timeout", "Time that running requests get when the host stops")
                  .at_most(60 * kMinute)
                  .by_default("30s")});
}

std::chrono::milliseconds milliseconds(const Value& value) {
  return std::chrono::milliseconds(value.integer());
}
unsigned count(const Value& value) { return static_cast<unsigned>(value.integer()); }
std::size_t bytes(const Value& value) { return static_cast<std::size_t>(value.integer()); }

HostSettings::Limits read_limits(const Value& value) {
  HostSettings::Limits limits;
  limits.request_line = bytes(value["request_line"]);
  limits.head = bytes(value["head"]);
  limits.head_fields = bytes(value["head_fields"]);
  limits.body = bytes(value["body"]);
  limits.queue = bytes(value["queue"]);
  limits.connections = bytes(value["connections"]);
  limits.head_timeout = milliseconds(value["head_timeout"]);
  limits.idle_timeout = milliseconds(value["idle_timeout"]);
  limits.minimum_rate = bytes(value["minimum_rate"]);
  limits.rate_window = milliseconds(value["rate_window"]);
  limits.drain_timeout = milliseconds(value["drain_timeout"]);
  return limits;
}

/// What no single key can say. Parts that were wrong by themselves are null here and say nothing again.
void check_together(const Value& value, Problems& problems) {
  const auto line = value["limits"]["request_line"], head = value["limits"]["head"];
  if (!line.is_null() && !head.is_null() && line.integer() > head.integer()) {
    problems.push_back(problem_at(line, "at most limits.head, " + format_size(head.integer()), {},
                                  format_size(line.integer())));
  }
  for (const auto& entry : value["listen"].list()) {
    if (entry["tls"].boolean() && !value.has("certificates")) {
      problems.push_back(
          problem_at(entry["tls"], "certificates beside listen, with a certificate and its key, or false"));
    }
  }
}

HostRead read(Loaded loaded, const fs::path& folder) {
  HostRead out;
  out.value = loaded.value;
  out.problems = std::move(loaded.problems);
  if (loaded.complete) check_together(out.value, out.problems);
  if (!out.ok()) return out;
  HostSettings& settings = out.settings;
  for (const auto& entry : out.value["listen"].list()) {
    settings.listen.push_back({*parse_address(entry["address"].text()), entry["tls"].boolean()});
  }
  for (const auto& entry : out.value["certificates"].list()) {
    settings.certificates.push_back(
        {absolute_path(folder, entry["certificate"].text()), absolute_path(folder, entry["key"].text())});
  }
  for (const auto& entry : out.value["trusted_proxies"].list())
    settings.trusted_proxies.push_back(entry.text());
  const auto threads = out.value["threads"];
  settings.threads = {count(threads["reactor"]), count(threads["action"]), count(threads["io"])};
  settings.limits = read_limits(out.value["limits"]);
  settings.plugin_folder = absolute_path(folder, out.value["plugin_folder"].text());
  settings.firms_folder = absolute_path(folder, out.value["firms_folder"].text());
  settings.data_folder = absolute_path(folder, out.value["data_folder"].text());
  const auto log = out.value["log"];
  settings.log = {log["level"].text(), log["format"].text(), absolute_path(folder, log["file"].text())};
  return out;
}

}  // namespace

Schema host_schema() {
  return Schema{{
      list("listen", "Where to listen",
           map("", "",
               {address("address", "IP address and port, or unix:/path").required(),
                boolean("tls", "Speak HTTPS here, with the certificates below").by_default("false")}))
          .between(1, 16)
          .by_default("[{address: \"127.0.0.1:8080\"}]"),
      list("certificates", "Chosen by the name that the client asks for; the first is the default",
           map("", "",
               {path("certificate", "PEM file: the certificate and its chain").required(),
                path("key", "PEM file: its private key, readable by the service user only").required()}))
          .at_most(100)
          .example("[{certificate: /etc/postern/tls/fullchain.pem, key: /etc/postern/tls/privkey.pem}]"),
      list("trusted_proxies", "Whose X-Forwarded-For and -Proto are believed",
           text().checked_by(check_network))
          .at_most(100)
          .by_default("[]"),
      map("threads", "Fixed numbers of threads",
          {integer("reactor", "For connections; they never wait for anything").between(1, 64).by_default("2"),
           integer("action", "For plugins, pages and the database").between(1, 1024).by_default("8"),
           integer("io", "For what waits for the disk").between(1, 256).by_default("2")}),
      limits_schema(),
      path("plugin_folder", "Where plugins are looked for, relative to this file").by_default("plugins"),
      path("firms_folder", "One <id>.yaml a firm, relative to this file").by_default("firms"),
      path("data_folder", "One folder a firm: database, documents, keys; relative to this file")
          .by_default("data"),
      map("log", "One line an event, never with a token",
          {choice("level", "The least that is written", {"error", "warning", "info", "debug"})
               .by_default("info"),
           choice("format", "For people or for machines", {"text", "json"}).by_default("text"),
           path("file", "Instead of standard error").example("/var/log/postern.log")}),
  }};
}

HostRead read_host_settings(const std::string& path) {
  return read(load_file(path, host_schema()), fs::absolute(path).parent_path());
}

HostRead host_settings_from(std::string_view text, const std::string& file) {
  return read(load_text(text, file, host_schema()), fs::absolute(file).parent_path());
}

}  // namespace postern::settings
