// The mailbox transport: one file a message, whole or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/services/outbox.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  return names;
}

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Mailbox, WritesOneFileThatOnlyTheServiceMayRead) {
  const testing::TemporaryFolder folder;
  const auto place = folder.path() / "deep" / "mail";
  const auto transport = mailbox_transport(place);
  EXPECT_EQ(transport->send({"id-1", "<id-1@x>", "a@x", "b@x", "Subject: x\r\n\r\nbody\r\n"}).delivered,
            Delivered::yes);
  EXPECT_THAT(names_in(place), ::testing::ElementsAre("id-1.eml"));
  EXPECT_EQ(content_of(place / "id-1.eml"), "Subject: x\r\n\r\nbody\r\n");
  struct stat facts {};
  ASSERT_EQ(::stat((place / "id-1.eml").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST(Mailbox, KeepsOneFileOfAMessageSentTwice) {
  const testing::TemporaryFolder folder;
  const auto transport = mailbox_transport(folder.path());
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(transport->send({"id-1", "<id-1@x>", "a@x", "b@x", "same"}).delivered, Delivered::yes);
  EXPECT_THAT(names_in(folder.path()), ::testing::ElementsAre("id-1.eml"));
}

TEST(Mailbox, TriesAgainLaterWhenTheFolderCannotBeWritten) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "not a folder";
  const auto attempt =
      mailbox_transport(folder.path() / "file")->send({"id-1", "<id-1@x>", "a@x", "b@x", "text"});
  EXPECT_EQ(attempt.delivered, Delivered::later);
  EXPECT_THAT(attempt.reason, ::testing::HasSubstr("the mailbox folder: cannot be written to"));
}

}  // namespace
}  // namespace postern::services
