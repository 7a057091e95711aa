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
    {"an empty file",
     "",
     {"config/firms/demo.yaml:1:1: name: found nothing, want a text of 1 to 100 characters; What recipients "
      "read on every page",
      "config/firms/demo.yaml:1:1: hosts: found nothing, want a list of 1 to 50 entries; Host names that are "
      "this firm's",
      "config/firms/demo.yaml:1:1: base_url: found nothing, want a URL such as https://links.example.com; "
      "What links begin with: one of the hosts, with scheme and port",
      "config/firms/demo.yaml:1:1: contact.email: found nothing, want an email address such as "
      "ann@example.com; Stands on every page",
      "config/firms/demo.yaml:1:1: notification.from.email: found nothing, want an email address such as "
      "ann@example.com; The sender's address"}},
    {"only comments",
     "# nothing yet\n",
     {"config/firms/demo.yaml:1:1: name: found nothing, want a text of 1 to 100 characters; What recipients "
      "read on every page",
      "config/firms/demo.yaml:1:1: hosts: found nothing, want a list of 1 to 50 entries; Host names that are "
      "this firm's",
      "config/firms/demo.yaml:1:1: base_url: found nothing, want a URL such as https://links.example.com; "
      "What links begin with: one of the hosts, with scheme and port",
      "config/firms/demo.yaml:1:1: contact.email: found nothing, want an email address such as "
      "ann@example.com; Stands on every page",
      "config/firms/demo.yaml:1:1: notification.from.email: found nothing, want an email address such as "
      "ann@example.com; The sender's address"}},
    {"hosts as one text",
     "name: Acme Tax\n"
     "hosts: links.acme.example\n"
     "base_url: https://links.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:2:8: hosts: found \"links.acme.example\", want a list of 1 to 50 entries; "
      "write each entry on a line of its own after \"- \""}},
    {"host names with scheme, port and blank",
     "name: Acme Tax\n"
     "hosts: [\"https://acme.example\", \"acme.example:443\", acme example, links.acme.example]\n"
     "base_url: https://links.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:2:9: hosts[0]: found \"https://acme.example\", want a host name such as "
      "links.example.com, without scheme or port",
      "config/firms/demo.yaml:2:33: hosts[1]: found \"acme.example:443\", want a host name such as "
      "links.example.com, without scheme or port",
      "config/firms/demo.yaml:2:53: hosts[2]: found \"acme example\", want a host name such as "
      "links.example.com, without scheme or port"}},
    {"a mistyped IP address",
     "name: Acme Tax\n"
     "hosts: [10.0.0.300, links.acme.example]\n"
     "base_url: https://links.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:2:9: hosts[0]: found \"10.0.0.300\", want a host name such as "
      "links.example.com, without scheme or port"}},
    {"a base URL of another host",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: https://www.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:3:11: base_url: found \"https://www.acme.example\", want a URL with one of "
      "hosts, or links would lead nowhere"}},
    {"a base URL with a path",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: https://links.acme.example/l\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:3:11: base_url: found \"https://links.acme.example/l\", want a URL without a "
      "path, such as https://links.example.com"}},
    {"a base URL without scheme",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: links.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:3:11: base_url: found \"links.acme.example\", want a URL such as "
      "https://links.example.com; write https:// in front"}},
    {"a base URL with a password",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: https://ann:secret@links.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:3:11: base_url: found a URL with a user in it, want a URL such as "
      "https://links.example.com; a URL here holds no user and no password"}},
    {"a base URL over http",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: http://links.acme.example\n"
     "contact: {email: office@acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:3:11: warning: base_url: found \"http://links.acme.example\", want an https "
      "URL; a link over http can be read on its way"}},
    {"a telephone number that is a number",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: https://links.acme.example\n"
     "contact: {email: office@acme.example, phone: +34600000000}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:4:46: contact.phone: found 34600000000, want a text of 3 to 40 characters; "
      "write it in quotes: \"+34600000000\""}},
    {"an address that is no email address",
     "name: Acme Tax\n"
     "hosts: [links.acme.example]\n"
     "base_url: https://links.acme.example\n"
     "contact: {email: office(at)acme.example}\n"
     "notification:\n"
     "  from: {email: links@acme.example}\n",
     {"config/firms/demo.yaml:4:18: contact.email: found \"office(at)acme.example\", want an email address "
      "such as ann@example.com"}},
    {"a colour that became a comment",
     kWhole + "branding:\n"
              "  accent: #1a5fb4\n",
     {"config/firms/demo.yaml:8:3: branding.accent: found nothing, want a colour such as \"#1a5fb4\", in "
      "quotes; a # outside of quotes begins a comment"}},
    {"a colour by name",
     kWhole + "branding: {accent: red}\n",
     {"config/firms/demo.yaml:7:20: branding.accent: found \"red\", want a colour such as \"#1a5fb4\", in "
      "quotes"}},
    {"a colour too light for white text",
     kWhole + "branding: {accent: \"#FFCC00\"}\n",
     {"config/firms/demo.yaml:7:20: warning: branding.accent: found \"#ffcc00\", a contrast of 1.5:1 with "
      "white text, want at least 4.5:1; pages use \"#8e7200\" instead"}},
    {"a time zone with a slip",
     kWhole + "time_zone: Europe/Madird\n",
     {"config/firms/demo.yaml:7:12: time_zone: found \"Europe/Madird\", want an IANA time zone such as "
      "Europe/Madrid; did you mean \"Europe/Madrid\"?"}},
    {"a time zone outside of the database",
     kWhole + "time_zone: ../../etc/passwd\n",
     {"config/firms/demo.yaml:7:12: time_zone: found \"../../etc/passwd\", want an IANA time zone such as "
      "Europe/Madrid"}},
    {"a language by name, and one that is not offered",
     kWhole + "language: english\n"
              "languages: [en, ja]\n",
     {"config/firms/demo.yaml:7:11: language: found \"english\", want a language tag such as en, ja or "
      "pt-BR"}},
};

INSTANTIATE_TEST_SUITE_P(FirmSettings, BrokenFirmFile, testing::ValuesIn(kBroken), test_name);

TEST_P(BrokenFirmFile, IsMarkedWithThesePlacesAndWords) {
  auto read = firm_settings_from(GetParam().yaml, "config/firms/demo.yaml", "/srv/data");
  EXPECT_THAT(lines(read.problems), testing::ElementsAreArray(GetParam().said));
}

}  // namespace
}  // namespace postern::settings
