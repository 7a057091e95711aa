// Broken config/firms/*.yaml files: each file, and every line that is said about it.
#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

using namespace std::string_literals;

// A file without mistakes; the tables add some.
const std::string kWhole =
    "name: Acme Tax\n"
    "hosts: [links.acme.example]\n"
    "base_url: https://links.acme.example\n"
    "contact: {email: office@acme.example}\n"
    "notification:\n"
    "  from: {email: links@acme.example}\n";

const std::vector<Broken> kBroken{
    {"a language that is not offered",
     kWhole + "language: de\n"
              "languages: [en, ja]\n",
     {"config/firms/demo.yaml:7:11: language: found \"de\", want one of languages"}},
    {"a database URL with a password",
     kWhole + "database: {url: \"postgresql://acme:hunter2@db/acme\"}\n",
     {"config/firms/demo.yaml:7:17: database.url: found a URL with a password written out, want the whole "
      "URL by reference, file:PATH or env:NAME"}},
    {"a database of another kind",
     kWhole + "database: {url: \"mysql://acme:hunter2@db/acme\", sessions: 100}\n",
     {"config/firms/demo.yaml:7:17: database.url: found a URL of another kind, want sqlite:FILE, "
      "postgresql://HOST/DATABASE, file:PATH or env:NAME",
      "config/firms/demo.yaml:7:59: database.sessions: found 100, want an integer from 1 to 64"}},
    {"SMTP chosen but not described",
     kWhole + "  transport: smtp\n",
     {"config/firms/demo.yaml:7:14: notification.transport: found \"smtp\", want notification.smtp beside "
      "it, with host, user and password"}},
    {"a password written out",
     kWhole + "  transport: smtp\n"
              "  smtp: {host: smtp.acme.example, user: acme, password: hunter2}\n",
     {"config/firms/demo.yaml:8:57: notification.smtp.password: found a secret written out, want a reference "
      "to a secret, file:PATH or env:NAME"}},
    {"a password that is a number",
     kWhole + "  transport: smtp\n"
              "  smtp: {host: smtp.acme.example, user: acme, password: 12345}\n",
     {"config/firms/demo.yaml:8:57: notification.smtp.password: found a secret written out, want a reference "
      "to a secret, file:PATH or env:NAME"}},
    {"a password in the open",
     kWhole + "  smtp: {host: smtp.acme.example, user: acme, password: \"env:SMTP\", security: none}\n",
     {"config/firms/demo.yaml:7:79: notification.smtp.security: found \"none\", want starttls or tls; a "
      "password would cross the network in the open"}},
    {"a user without a password",
     kWhole + "  smtp: {host: smtp.acme.example, user: acme}\n",
     {"config/firms/demo.yaml:7:41: notification.smtp.user: found a user without a password, want password "
      "beside it"}},
    {"a bad reference to a secret",
     kWhole + "  smtp: {host: smtp.acme.example, user: acme, password: \"env:2 SMTP\"}\n",
     {"config/firms/demo.yaml:7:57: notification.smtp.password: found a secret written out, want a reference "
      "to a secret, file:PATH or env:NAME"}},
    {"an expiry over its maximum",
     kWhole + "links: {expires: 60d, expires_maximum: 30d}\n",
     {"config/firms/demo.yaml:7:18: links.expires: found 60d, want at most expires_maximum, 30d"}},
    {"a duration in words",
     kWhole + "links: {expires: soon, wrong_tokens_per_minute: 0}\n",
     {"config/firms/demo.yaml:7:18: links.expires: found \"soon\", want a duration from 1m to 3650d; write "
      "it as 30d, 12h or 90s",
      "config/firms/demo.yaml:7:49: links.wrong_tokens_per_minute: found 0, want an integer from 1 to "
      "10000"}},
    {"yes for true",
     kWhole + "plugins:\n"
              "  share: {enabled: yes}\n",
     {"config/firms/demo.yaml:8:20: plugins.share.enabled: found \"yes\", want true or false; write true"}},
    {"a plugin with a bad id and a bad service",
     kWhole + "plugins:\n"
              "  Share Files: {allow: [documents]}\n",
     {"config/firms/demo.yaml:8:3: plugins.Share Files: found the key \"Share Files\", want a plugin's id: "
      "lower-case letters, digits and dashes, a letter first",
      "config/firms/demo.yaml:8:25: plugins.Share Files.allow[0]: found \"documents\", want a service with "
      "its revision, such as documents/1"}},
    {"plugins as a list",
     kWhole + "plugins: [share]\n",
     {"config/firms/demo.yaml:7:10: plugins: found a list, want a map"}},
    {"the same plugin twice",
     kWhole + "plugins:\n"
              "  share: {}\n"
              "  share: {enabled: false}\n",
     {"config/firms/demo.yaml:9:3: plugins.share: found the key a second time, want it once; the first is on "
      "line 8"}},
    {"a key in the wrong place",
     kWhole + "plugins:\n"
              "  share:\n"
              "    expires_days: 30\n",
     {"config/firms/demo.yaml:9:5: plugins.share.expires_days: found an unknown key, want one of enabled, "
      "allow, settings"}},
    {"keys that do not fit and keys that are wrong",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: http://www.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n"
     "language: de\n"
     "languages: [en, ja]\n"
     "links: {expires: 400d}\n"
     "blobs: {minimum_free: much}\n"
     "branding: {accent: \"#FFCC00\"}\n",
     {"config/firms/demo.yaml:3:11: base_url: found \"http://www.acme.example\", want a URL with one of "
      "hosts, or links would lead nowhere",
      "config/firms/demo.yaml:3:11: warning: base_url: found \"http://www.acme.example\", want an https URL; "
      "a link over http can be read on its way",
      "config/firms/demo.yaml:7:11: language: found \"de\", want one of languages",
      "config/firms/demo.yaml:9:18: links.expires: found 400d, want at most expires_maximum, 365d",
      "config/firms/demo.yaml:10:23: blobs.minimum_free: found \"much\", want a size such as 3 GiB, 512 MiB "
      "or 10 kB",
      "config/firms/demo.yaml:11:20: warning: branding.accent: found \"#ffcc00\", a contrast of 1.5:1 with "
      "white text, want at least 4.5:1; pages use \"#8e7200\" instead"}},
    {"a null for a text",
     kWhole + "legal_name:\n"
              "privacy_url: ~\n",
     {"config/firms/demo.yaml:7:1: legal_name: found nothing, want a text of 1 to 200 characters; leave the "
      "key out instead",
      "config/firms/demo.yaml:8:1: privacy_url: found nothing, want a URL such as https://links.example.com; "
      "leave the key out instead"}},
    {"five mistakes of five kinds",
     kWhole + "time_zone: Mars/Base\n"
              "blobs: {encrypt: \"true\", minimum_fre: 1 GiB}\n"
              "keys: keys\n"
              "database: {sessions: 0}\n",
     {"config/firms/demo.yaml:7:12: time_zone: found \"Mars/Base\", want an IANA time zone such as "
      "Europe/Madrid",
      "config/firms/demo.yaml:8:18: blobs.encrypt: found \"true\", want true or false; write it without "
      "quotes",
      "config/firms/demo.yaml:8:26: blobs.minimum_fre: found an unknown key, want one of folder, encrypt, "
      "minimum_free; did you mean \"minimum_free\"?",
      "config/firms/demo.yaml:9:7: keys: found \"keys\", want a map",
      "config/firms/demo.yaml:10:22: database.sessions: found 0, want an integer from 1 to 64"}},
};

INSTANTIATE_TEST_SUITE_P(FirmSettings, BrokenFirmParts, testing::ValuesIn(kBroken), test_name);

TEST_P(BrokenFirmParts, IsMarkedWithThesePlacesAndWords) {
  auto read = firm_settings_from(GetParam().yaml, "config/firms/demo.yaml", "/srv/data");
  EXPECT_THAT(lines(read.problems), testing::ElementsAreArray(GetParam().said));
}

}  // namespace
}  // namespace postern::settings
