// Host and firm settings as structs, and firms beside each other.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;

FirmSettings firm(const std::string& id, const std::string& host, const std::string& more = {}) {
  auto read =
      firm_settings_from("name: " + id + "\nhosts: [" + host + "]\nbase_url: https://" + host +
                             "\ncontact: {email: office@acme.example}\nnotification:\n  from: {email: "
                             "links@acme.example}\n" +
                             more,
                         "config/firms/" + id + ".yaml", "/srv/data");
  EXPECT_TRUE(read.ok()) << to_string(read.problems);
  return read.settings;
}

TEST(HostSettings, AnEmptyFileIsAllDefaults) {
  auto read = host_settings_from("", "/etc/postern/postern.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.problems);
  const auto& settings = read.settings;
  ASSERT_EQ(settings.listen.size(), 1U);
  EXPECT_EQ(settings.listen[0].address.host, "127.0.0.1");
  EXPECT_EQ(settings.listen[0].address.port, 8080);
  EXPECT_EQ(settings.limits.head, 16384U);
  EXPECT_EQ(settings.limits.head_timeout, 10s);
  EXPECT_EQ(settings.threads.action, 8U);
  EXPECT_EQ(settings.firms_folder, "/etc/postern/firms");
  EXPECT_EQ(settings.log.level, "info");
  EXPECT_TRUE(settings.log.file.empty());
}

TEST(HostSettings, ReadsWhatIsWritten) {
  auto read = host_settings_from(
      "listen:\n  - {address: \"0.0.0.0:443\", tls: true}\n  - address: unix:/run/postern.sock\n"
      "certificates: [{certificate: tls/a.pem, key: /keys/a.pem}]\ntrusted_proxies: [10.0.0.0/8]\n"
      "threads: {reactor: 4}\nlimits: {body: 2 MiB, minimum_rate: 0 B}\nplugin_folder: ../plugins\nlog: "
      "{format: json, file: "
      "/var/log/x}\n",
      "/etc/postern/postern.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.problems);
  const auto& settings = read.settings;
  EXPECT_TRUE(settings.listen[0].tls);
  EXPECT_EQ(settings.listen[1].address.host, "unix:/run/postern.sock");
  EXPECT_EQ(settings.certificates[0].certificate, "/etc/postern/tls/a.pem");
  EXPECT_EQ(settings.certificates[0].key, "/keys/a.pem");
  EXPECT_THAT(settings.trusted_proxies, ElementsAre("10.0.0.0/8"));
  EXPECT_EQ(settings.threads.reactor, 4U);
  EXPECT_EQ(settings.threads.io, 2U);
  EXPECT_EQ(settings.limits.body, 2U << 20);
  EXPECT_EQ(settings.limits.minimum_rate, 0U);
  EXPECT_EQ(settings.plugin_folder, "/etc/plugins");
  EXPECT_EQ(settings.log.format, "json");
}

TEST(FirmSettings, ReadsWhatIsWritten) {
  auto acme = firm("acme", "links.acme.example",
                   "  transport: smtp\n  smtp: {host: mail.acme.example, port: 465, security: tls, user: u, "
                   "password: env:PW}\n"
                   "branding: {logo: logo.svg, accent: \"#FFCC00\"}\nlanguage: ja\nlanguages: [en, ja]\n"
                   "links: {expires: 7d}\nplugins:\n  share: {allow: [links/1], settings: {a: 1}}\n  sign: "
                   "{enabled: false}\n  pay:\n");
  EXPECT_EQ(acme.id, "acme");
  EXPECT_EQ(acme.legal_name, "acme");
  EXPECT_EQ(acme.folder, "/srv/data/acme");
  EXPECT_EQ(acme.blobs.folder, "/srv/data/acme/blobs");
  EXPECT_EQ(acme.notification.mailbox, "/srv/data/acme/mailbox");
  EXPECT_EQ(acme.branding.logo, fs::absolute("config/firms/logo.svg"));
  EXPECT_EQ(acme.branding.accent, "#8e7200");
  EXPECT_THAT(acme.languages, ElementsAre("ja", "en"));
  EXPECT_EQ(acme.links.expires, 24h * 7);
  EXPECT_EQ(acme.links.expires_maximum, 24h * 365);
  ASSERT_TRUE(acme.notification.smtp);
  EXPECT_EQ(acme.notification.smtp->port, 465);
  EXPECT_EQ(acme.notification.smtp->security, FirmSettings::Security::tls);
  EXPECT_TRUE(acme.notification.smtp->password.is_secret());
  EXPECT_EQ(acme.notification.from_name, "acme");
  ASSERT_EQ(acme.plugins.size(), 3U);
  EXPECT_EQ(acme.plugins[0].settings.at_path("a").integer(), 1);
  EXPECT_EQ(acme.plugins[0].settings.path(), "plugins.share.settings");
  EXPECT_FALSE(acme.plugins[1].enabled);
  EXPECT_TRUE(acme.plugins[1].settings.map().empty());
  EXPECT_EQ(acme.plugins[1].settings.path(), "plugins.sign.settings");
  EXPECT_TRUE(acme.plugins[2].enabled);
  EXPECT_EQ(acme.plugins[2].settings.path(), "plugins.pay.settings");
}

TEST(FirmSettings, ALanguageAloneIsTheOnlyOne) {
  EXPECT_THAT(firm("acme", "links.acme.example").languages, ElementsAre("en"));
}

TEST(FirmSettings, TheIdIsTheFilesName) {
  auto read = firm_settings_from("", "config/firms/Acme Tax.yaml", "/srv/data");
  EXPECT_EQ(read.problems.back().to_string(),
            "config/firms/Acme Tax.yaml: found the firm id \"Acme Tax\", want a file name of lower-case "
            "letters, digits and "
            "dashes, a letter first, at most 40");
}

TEST(FirmSettings, TheDatabaseUrlIsAbsoluteAndItsSecretResolved) {
  EXPECT_EQ(*database_url(firm("acme", "a.example")), "sqlite:/srv/data/acme/firm.db");
  EXPECT_EQ(*database_url(firm("acme", "a.example", "database: {url: \"sqlite:/var/x.db\"}\n")),
            "sqlite:/var/x.db");
  EXPECT_EQ(*database_url(firm("acme", "a.example", "database: {url: postgresql://db/acme}\n")),
            "postgresql://db/acme");
  auto secret = firm("acme", "a.example", "database: {url: \"env:POSTERN_TEST_URL\"}\n");
  ASSERT_EQ(::setenv("POSTERN_TEST_URL", "postgresql://u:hunter2@db/acme", 1), 0);
  EXPECT_EQ(*database_url(secret), "postgresql://u:hunter2@db/acme");
  ASSERT_EQ(::setenv("POSTERN_TEST_URL", "mysql://u:hunter2@db/acme", 1), 0);
  EXPECT_EQ(database_url(secret).error().message,
            "config/firms/acme.yaml:7:17: database.url: found a secret that is no database URL, want "
            "sqlite:FILE or "
            "postgresql://HOST/DATABASE behind it");
  ASSERT_EQ(::unsetenv("POSTERN_TEST_URL"), 0);
  EXPECT_FALSE(database_url(secret).ok());
}

TEST(Firms, MayNotShareHostDatabaseBlobsOrKeys) {
  const std::vector<FirmSettings> firms{
      firm("acme", "a.example",
           "database: {url: \"sqlite:/srv/one.db\"}\nblobs: {folder: /srv/blobs}\nkeys: {folder: /srv/k}\n"),
      firm("bolt", "A.example",
           "database: {url: \"sqlite:../../one.db\"}\nblobs: {folder: ../../blobs/}\nkeys: {folder: "
           "/srv/data/../k}\n"),
  };
  EXPECT_THAT(lines(check_firms(firms)),
              ElementsAre("config/firms/bolt.yaml:2:9: hosts[0]: found \"a.example\", want a host name of "
                          "this firm alone; firm acme "
                          "has it at config/firms/acme.yaml:2:9",
                          "config/firms/bolt.yaml:7:17: database.url: found \"sqlite:../../one.db\", want a "
                          "database of this firm "
                          "alone; firm acme has it at config/firms/acme.yaml:7:17",
                          "config/firms/bolt.yaml:8:17: blobs.folder: found \"../../blobs/\", want a folder "
                          "of this firm alone; firm "
                          "acme has it at config/firms/acme.yaml:8:17",
                          "config/firms/bolt.yaml:9:16: keys.folder: found \"/srv/data/../k\", want a folder "
                          "of this firm alone; firm "
                          "acme has it at config/firms/acme.yaml:9:16"));
}

TEST(Firms, MayNotShareADatabaseBehindOneReference) {
  const std::vector<FirmSettings> firms{firm("acme", "a.example", "database: {url: \"env:DB\"}\n"),
                                        firm("bolt", "b.example", "database: {url: \"env:DB\"}\n")};
  EXPECT_THAT(lines(check_firms(firms)), ElementsAre("config/firms/bolt.yaml:7:17: database.url: found a "
                                                     "secret, want a database of this firm alone; firm "
                                                     "acme has it at config/firms/acme.yaml:7:17"));
}

TEST(Firms, AreIsolatedByDefault) {
  const std::vector<FirmSettings> firms{firm("acme", "a.example"), firm("bolt", "b.example")};
  EXPECT_TRUE(check_firms(firms).empty());
}

class FirmsFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "postern-firms-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  fs::path folder_;
};

TEST_F(FirmsFolder, GivesTheGoodFirmsAndTheMistakesOfAll) {
  const std::string good =
      "hosts: [HOST]\nbase_url: https://HOST\ncontact: {email: a@b.example}\nnotification: {from: {email: "
      "a@b.example}}\n";
  auto with = [&](std::string host) {
    std::string out = good;
    for (auto at = out.find("HOST"); at != std::string::npos; at = out.find("HOST")) out.replace(at, 4, host);
    return out;
  };
  write("bolt.yaml", "name: Bolt\n" + with("b.example"));
  write("acme.yaml", "name: Acme\n" + with("a.example"));
  write("cord.yaml", with("c.example"));
  write("notes.txt", "not a firm");
  auto read = read_firms(folder_, "/srv/data");
  EXPECT_FALSE(read.ok());
  EXPECT_THAT(lines(read.problems), ElementsAre((folder_ / "cord.yaml").string() +
                                                ":1:1: name: found nothing, want a text of 1 to 100 "
                                                "characters; What recipients read on every page"));
  ASSERT_EQ(read.firms.size(), 2U);
  EXPECT_EQ(read.firms[0].id, "acme");
  EXPECT_EQ(read.firms[1].id, "bolt");
}

TEST_F(FirmsFolder, WithoutAFirmIsAnError) {
  EXPECT_THAT(
      lines(read_firms(folder_, "/srv/data").problems),
      ElementsAre(folder_.string() + ": found a folder without firms, want one <id>.yaml a firm in it"));
  EXPECT_THAT(lines(read_firms(folder_ / "gone", "/srv/data").problems),
              ElementsAre((folder_ / "gone").string() +
                          ": found no readable folder, want one <id>.yaml a firm in it"));
}

}  // namespace
}  // namespace postern::settings
