// The firm's key files: made once, private, refused when something is wrong with them.
#include "host/services/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

class Keys : public ::testing::Test {
 protected:
  std::string folder() const { return (place_.path() / "firm" / "keys").string(); }
  void put(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(folder() + "/" + name, std::ios::binary) << text;
    ::chmod((folder() + "/" + name).c_str(), mode);
  }
  unsigned mode(const std::string& name) const {
    struct stat found {};
    return ::stat((folder() + name).c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
  }
  std::string refusal() const {
    const auto keys = FirmKeys::open(folder());
    return keys.ok() ? "opened" : keys.error().message;
  }

  testing::TemporaryFolder place_;
};

std::string text(const crypto::Key& key) { return crypto::hex(key.bytes()); }

TEST_F(Keys, AreMadeWhenMissingAndPrivate) {
  const auto keys = FirmKeys::open(folder());
  ASSERT_TRUE(keys.ok()) << keys.error().message;
  EXPECT_EQ(mode(""), 0700U);
  EXPECT_EQ(mode("/links"), 0700U);
  for (const char* name : {"/documents.key", "/api.key", "/links/k1.key"})
    EXPECT_EQ(mode(name), 0600U) << name;
  const std::set<std::string> different{text(keys->documents()), text(keys->api()),
                                        text(keys->newest_link_key().key)};
  EXPECT_EQ(different.size(), 3U);
}

TEST_F(Keys, AreTheSameAtTheNextStart) {
  const auto first = FirmKeys::open(folder());
  const auto second = FirmKeys::open(folder());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(text(first->documents()), text(second->documents()));
  EXPECT_EQ(text(first->api()), text(second->api()));
  EXPECT_EQ(text(first->newest_link_key().key), text(second->newest_link_key().key));
}

TEST_F(Keys, RotateToANewLinkKeyAndKeepTheOldOne) {
  auto keys = FirmKeys::open(folder());
  ASSERT_TRUE(keys.ok());
  const std::string old = text(keys->link_key("k1")->key);
  for (int i = 2; i <= 11; ++i) EXPECT_EQ(keys->rotate_link_key().value(), "k" + std::to_string(i));
  const auto again = FirmKeys::open(folder());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->newest_link_key().id, "k11") << "by number, not by text";
  EXPECT_EQ(text(again->newest_link_key().key), text(keys->newest_link_key().key));
  EXPECT_EQ(text(again->link_key("k1")->key), old);
  EXPECT_EQ(again->link_key("k12"), nullptr);
  EXPECT_EQ(again->link_key(""), nullptr);
}

TEST_F(Keys, RotateAfterAnotherProcessDid) {
  auto mine = FirmKeys::open(folder());
  auto theirs = FirmKeys::open(folder());
  ASSERT_TRUE(mine.ok() && theirs.ok());
  EXPECT_EQ(theirs->rotate_link_key().value(), "k2");
  EXPECT_EQ(mine->rotate_link_key().value(), "k3");
  EXPECT_EQ(text(mine->link_key("k2")->key), text(theirs->link_key("k2")->key));
}

TEST_F(Keys, OfTheWrongLengthAreRefused) {
  ASSERT_TRUE(FirmKeys::open(folder()).ok());
  for (const std::string& wrong : {std::string(), std::string(31, 'k'), std::string(33, 'k')}) {
    put("documents.key", wrong);
    EXPECT_EQ(refusal(), "Key file " + folder() + "/documents.key holds " + std::to_string(wrong.size()) +
                             " bytes where a key has 32; restore it from the backup.");
  }
}

TEST_F(Keys, ThatOthersCanUseAreRefused) {
  ASSERT_TRUE(FirmKeys::open(folder()).ok());
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    put("api.key", std::string(32, 'k'), mode);
    EXPECT_EQ(refusal(), "Key file " + folder() + "/api.key can be used by other users; run: chmod 600 " +
                             folder() + "/api.key.");
  }
  put("api.key", std::string(32, 'k'), 0400);
  EXPECT_EQ(refusal(), "opened") << "stricter is fine";
  ::chmod(folder().c_str(), 0750);
  EXPECT_EQ(refusal(),
            "Key folder " + folder() + " is open to other users; run: chmod 700 " + folder() + ".");
}

TEST_F(Keys, RefuseToReplaceALostDocumentKey) {
  ASSERT_TRUE(FirmKeys::open(folder()).ok());
  ::unlink((folder() + "/documents.key").c_str());
  EXPECT_EQ(refusal(),
            "Key file " + folder() +
                "/documents.key is missing although this firm has link keys; restore it from the backup, for "
                "without it no encrypted document can be read.");
}

TEST_F(Keys, RefuseALinkKeyOfAnotherName) {
  ASSERT_TRUE(FirmKeys::open(folder()).ok());
  for (const std::string name : {"k0.key", "k01.key", "old.key", ".key", "k.key", "k1.old.key", "K2.key"}) {
    put("links/" + name, std::string(32, 'k'));
    EXPECT_EQ(refusal(), "Link key file " + folder() + "/links/" + name +
                             " has no name such as k1.key; move it out of the folder.");
    ::unlink((folder() + "/links/" + name).c_str());
  }
  put("links/README", "notes");
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(Keys, RefuseAFolderInPlaceOfAFile) {
  ASSERT_TRUE(FirmKeys::open(folder()).ok());
  ::unlink((folder() + "/api.key").c_str());
  ::mkdir((folder() + "/api.key").c_str(), 0700);
  EXPECT_EQ(refusal(), "Key file " + folder() + "/api.key is not a file.");
}

TEST_F(Keys, LeaveNothingOfACrashBehind) {
  ASSERT_TRUE(FirmKeys::open(folder()).ok());
  put(".new-0011223344556677", "half");
  put("links/.new-0011223344556677", "");
  EXPECT_EQ(refusal(), "opened");
  EXPECT_EQ(mode("/.new-0011223344556677"), 0U);
  EXPECT_EQ(mode("/links/.new-0011223344556677"), 0U);
}

TEST_F(Keys, OfRacingFirstStartsAreOneSet) {
  constexpr int kStarts = 8;
  int results[2];
  ASSERT_EQ(::pipe(results), 0);
  for (int i = 0; i < kStarts; ++i) {
    if (const pid_t child = ::fork(); child == 0) {
      const auto keys = FirmKeys::open(folder());
      const std::string line =
          keys.ok() ? text(keys->documents()) + text(keys->api()) + text(keys->newest_link_key().key)
                    : std::string(192, '!');
      const auto written = ::write(results[1], line.data(), line.size());
      ::_exit(written == 192 ? 0 : 1);
    }
  }
  std::set<std::string> seen;
  for (int i = 0; i < kStarts; ++i) {
    std::string line(192, '\0');
    ASSERT_EQ(::read(results[0], line.data(), line.size()), 192);
    seen.insert(line);
    int status = 0;
    ::wait(&status);
  }
  ::close(results[0]);
  ::close(results[1]);
  EXPECT_EQ(seen.size(), 1U);
  EXPECT_FALSE(seen.contains(std::string(192, '!')));
}

}  // namespace
}  // namespace postern::services
