// Broken config/postern.yaml files: each file, and every line that is said about it.
#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

using namespace std::string_literals;

const std::vector<Broken> kBroken{
    {"an address by name and an unknown key",
     "listen:\n"
     "  - address: localhost:80\n"
     "thread:\n"
     "  action: 4\n",
     {"config/postern.yaml:2:14: listen[0].address: found \"localhost:80\", want an address such as "
      "127.0.0.1:8080, [::1]:8080 or unix:/run/postern.sock; write 127.0.0.1 or [::1]",
      "config/postern.yaml:3:1: thread: found an unknown key, want one of listen, certificates, "
      "trusted_proxies, threads, limits, plugin_folder, firms_folder, data_folder, log; did you mean "
      "\"threads\"?"}},
    {"TLS without a certificate",
     "listen:\n"
     "  - {address: \"0.0.0.0:443\", tls: true}\n",
     {"config/postern.yaml:2:35: listen[0].tls: found true, want certificates beside listen, with a "
      "certificate and its key, or false"}},
    {"a listen entry that is a text",
     "listen: [127.0.0.1:8080]\n",
     {"config/postern.yaml:1:10: listen[0]: found \"127.0.0.1:8080\", want a map"}},
    {"every address by a star",
     "listen:\n"
     "  - address: \"*:80\"\n"
     "    tsl: true\n",
     {"config/postern.yaml:2:14: listen[0].address: found \"*:80\", want an address such as 127.0.0.1:8080, "
      "[::1]:8080 or unix:/run/postern.sock; every address of this machine is 0.0.0.0 or [::]",
      "config/postern.yaml:3:5: listen[0].tsl: found an unknown key, want one of address, tls; did you mean "
      "\"tls\"?"}},
    {"numbers of the wrong kind",
     "threads:\n"
     "  reactor: \"2\"\n"
     "  action: 1.5\n"
     "  io: many\n",
     {"config/postern.yaml:2:12: threads.reactor: found \"2\", want an integer from 1 to 64; write it "
      "without quotes",
      "config/postern.yaml:3:11: threads.action: found 1.5, want an integer from 1 to 1024",
      "config/postern.yaml:4:7: threads.io: found \"many\", want an integer from 1 to 256"}},
    {"numbers out of range",
     "threads: {reactor: 0, action: 5000}\n"
     "limits: {queue: -1}\n",
     {"config/postern.yaml:1:20: threads.reactor: found 0, want an integer from 1 to 64",
      "config/postern.yaml:1:31: threads.action: found 5000, want an integer from 1 to 1024",
      "config/postern.yaml:2:17: limits.queue: found -1, want an integer from 1 to 100000"}},
    {"sizes and durations without a unit",
     "limits:\n"
     "  head: 16384\n"
     "  body: 1 mb\n"
     "  head_timeout: 10\n"
     "  idle_timeout: 1 hour\n",
     {"config/postern.yaml:2:9: limits.head: found 16384, want a size from 4 KiB to 256 KiB; add a unit: B, "
      "kB, KiB, MiB or GiB",
      "config/postern.yaml:3:9: limits.body: found \"1 mb\", want a size from 16 KiB to 64 MiB; write it as "
      "3 GiB or 512 MiB",
      "config/postern.yaml:4:17: limits.head_timeout: found 10, want a duration from 1s to 5m; add a unit: "
      "ms, s, m, h or d",
      "config/postern.yaml:5:17: limits.idle_timeout: found \"1 hour\", want a duration from 1s to 1h; write "
      "it as 30d, 12h or 90s"}},
    {"a request line longer than the head",
     "limits:\n"
     "  request_line: 64 KiB\n"
     "  head: 32 KiB\n",
     {"config/postern.yaml:2:17: limits.request_line: found 64 KiB, want at most limits.head, 32 KiB"}},
    {"a choice that is near",
     "log: {level: inf, format: xml}\n",
     {"config/postern.yaml:1:14: log.level: found \"inf\", want error, warning, info or debug; did you mean "
      "\"info\"?",
      "config/postern.yaml:1:27: log.format: found \"xml\", want text or json"}},
    {"a proxy that is a name",
     "trusted_proxies: [10.0.0.0/8, 10.0.0.0/33, proxy.local]\n",
     {"config/postern.yaml:1:31: trusted_proxies[1]: found \"10.0.0.0/33\", want an address or a network "
      "such as 10.0.0.0/8 or ::1",
      "config/postern.yaml:1:44: trusted_proxies[2]: found \"proxy.local\", want an address or a network "
      "such as 10.0.0.0/8 or ::1"}},
    {"a certificate without its key",
     "certificates:\n"
     "  - certificate: a.pem\n",
     {"config/postern.yaml:2:5: certificates[0].key: found nothing, want a path; PEM file: its private key, "
      "readable by the service user only"}},
    {"a list at the root",
     "- listen\n",
     {"config/postern.yaml:1:1: found a list, want a map of keys and values"}},
    {"a text at the root",
     "listen\n",
     {"config/postern.yaml:1:1: found \"listen\", want a map of keys and values"}},
    {"a map where a path is wanted",
     "plugin_folder: {a: 1}\n"
     "firms_folder: 5\n"
     "data_folder:\n",
     {"config/postern.yaml:1:16: plugin_folder: found a map, want a path",
      "config/postern.yaml:2:15: firms_folder: found 5, want a path; write it in quotes: \"5\"",
      "config/postern.yaml:3:1: data_folder: found nothing, want a path; leave the key out instead"}},
    {"syntax and other mistakes at once",
     "threads:\n"
     "  reactor: 99\n"
     "log:\n"
     "  level: loud\n"
     "  format: \"text\n",
     {"config/postern.yaml:2:12: threads.reactor: found 99, want an integer from 1 to 64",
      "config/postern.yaml:4:10: log.level: found \"loud\", want error, warning, info or debug",
      "config/postern.yaml:5:11: log.format: found a quoted text that does not end, want a closing quote"}},
    {"no listen entry",
     "listen: []\n",
     {"config/postern.yaml:1:9: listen: found an empty list, want a list of 1 to 16 entries"}},
};

INSTANTIATE_TEST_SUITE_P(HostSettings, BrokenHostFile, testing::ValuesIn(kBroken), test_name);

TEST_P(BrokenHostFile, IsRefusedWithThesePlacesAndWords) {
  auto read = host_settings_from(GetParam().yaml, "config/postern.yaml");
  EXPECT_FALSE(read.ok());
  EXPECT_THAT(lines(read.problems), testing::ElementsAreArray(GetParam().said));
}

}  // namespace
}  // namespace postern::settings
