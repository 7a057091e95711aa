// Opening a database: what is refused, and what a file looks like afterwards.
#include <sys/stat.h>

#include <fstream>

#include "tests/fixtures/database.hpp"

namespace postern::db {
namespace {

using testing::FreshDatabase;
using testing::ManualClock;
using testing::TemporaryFolder;

std::string refusal(const std::string& url) {
  const ManualClock clock;
  const auto opened = FirmDatabase::open({.url = url, .sessions = 1, .wait_ms = 200}, clock);
  return opened.ok() ? "" : opened.error().message;
}

TEST(OpenDatabase, RefusesUrlsWithOneSentence) {
  const std::string wanted =
      "wanted \"sqlite:/path/to/file.db\" or \"postgresql://user:password@host/database?schema=name\"";
  EXPECT_EQ(refusal("mysql://host/db"), "the database's URL begins with \"mysql\"; " + wanted);
  EXPECT_EQ(refusal(""), "the database's URL begins with \"\"; " + wanted);
  EXPECT_EQ(refusal("sqlite:"), "the database \"sqlite:\" names no file; " + wanted);
  EXPECT_EQ(refusal("sqlite::memory:"), "the database \"sqlite::memory:\" is not a plain file; " + wanted);
  EXPECT_EQ(refusal("sqlite:/a\"b"), "the path of an SQLite database may not hold quotes or NUL bytes");
  EXPECT_EQ(refusal("postgresql://u:secret@h/db?schema=a;drop"),
            "the schema \"a;drop\" of the database postgresql://u@h/db is not a plain name; wanted at most "
            "63 of a-z, "
            "0-9 and _, not beginning with a digit");
}

TEST(OpenDatabase, NamesAFolderThatIsMissing) {
  EXPECT_EQ(refusal("sqlite:/no/such/folder/firm.db"),
            "the database sqlite:/no/such/folder/firm.db cannot be opened: No such file or directory");
}

TEST(OpenDatabase, NamesAFileThatIsNoDatabase) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "firm.db") << std::string(4096, 'x');
  EXPECT_EQ(refusal("sqlite:" + (folder.path() / "firm.db").string()),
            "the database sqlite:" + (folder.path() / "firm.db").string() +
                " cannot be opened: file is not a database in \"pragma journal_mode = wal\"");
}

TEST(OpenDatabase, NeverShowsAPassword) {
  for (const char* url :
       {"postgresql://user:secret@127.0.0.1:1/db", "postgres://user:secret@127.0.0.1:1/db?schema=a",
        "postgresql://user@127.0.0.1:1/db?password=secret", "postgresql://user:se:cr@et@127.0.0.1:1/db"}) {
    const std::string message = refusal(url);
    EXPECT_EQ(message.find("secret"), std::string::npos) << message;
    EXPECT_EQ(message.find("cr@et"), std::string::npos) << message;
    EXPECT_NE(message.find(" cannot be opened: "), std::string::npos) << message;
    EXPECT_NE(message.find("127.0.0.1"), std::string::npos) << message;
  }
}

TEST(OpenDatabase, MakesAFileOnlyItsOwnerMayRead) {
  const ManualClock clock;
  const FreshDatabase place(Dialect::sqlite);
  const mode_t before = ::umask(0);
  auto opened = FirmDatabase::open({.url = place.url()}, clock);
  ::umask(before);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  (void)(*opened)->write([](HostTransaction& transaction) -> Result<int> {
    transaction.change("create table a (b bigint)");
    return 0;
  });
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(place.file().parent_path())) {
    EXPECT_EQ(file.status().permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << file.path();
    ++files;
  }
  EXPECT_EQ(files, 3);  // the database, its log and the log's index
}

TEST(OpenDatabase, TakesPathsWithSpacesAndSigns) {
  const ManualClock clock;
  const TemporaryFolder folder;
  for (const char* name : {"two words  and more.db", "a=b c=d.db", "日本.db", "it's.db", "100%25?x#y.db"}) {
    const auto path = folder.path() / name;
    const auto opened = FirmDatabase::open({.url = "sqlite:" + path.string()}, clock);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
  }
}

class OpenedDatabase : public testing::DatabaseTest {};
POSTERN_ON_BOTH_DATABASES(OpenedDatabase);

TEST_P(OpenedDatabase, KeepsWhatWasCommittedWhenItIsOpenedAgain) {
  change({"create table a (b bigint)", "insert into a values (1)"});
  database_.reset();
  database_ = open();
  EXPECT_EQ(rows("select b from a")[0][0].integer(), 1);
}

TEST_P(OpenedDatabase, IsSafeInEverySession) {
  if (GetParam() == Dialect::sqlite) {
    EXPECT_EQ(rows("select journal_mode from pragma_journal_mode")[0][0].text(), "wal");
    EXPECT_EQ(rows("select synchronous from pragma_synchronous")[0][0].integer(), 2);
    EXPECT_EQ(rows("select foreign_keys from pragma_foreign_keys")[0][0].integer(), 1);
  } else {
    EXPECT_EQ(rows("select current_setting('transaction_read_only')")[0][0].text(), "on");
    EXPECT_EQ(rows("select current_setting('transaction_isolation')")[0][0].text(), "repeatable read");
    EXPECT_EQ(rows("select current_schema()")[0][0].text().substr(0, 5), "test_");
  }
}

TEST(OpenDatabase, RefusesAPostgresqlThatMayLoseWhatItAcknowledged) {
  if (!FreshDatabase::available(Dialect::postgresql)) GTEST_SKIP() << "POSTERN_TEST_POSTGRESQL is not set";
  const FreshDatabase place(Dialect::postgresql);
  const std::string message = refusal(place.url() + "&options=-c%20synchronous_commit%3Doff");
  EXPECT_NE(
      message.find(
          "PostgreSQL's synchronous_commit is off, and what it acknowledges could be lost; switch it on"),
      std::string::npos)
      << message;
}

TEST(OpenDatabase, NamesWhatPostgresqlSaidOfADatabaseThatIsMissing) {
  if (!FreshDatabase::available(Dialect::postgresql)) GTEST_SKIP() << "POSTERN_TEST_POSTGRESQL is not set";
  std::string url = FreshDatabase(Dialect::postgresql).url();
  url.replace(url.rfind('/') + 1, url.find('?') - url.rfind('/') - 1, "nowhere");
  const std::string message = refusal(url);
  EXPECT_NE(message.find("database \"nowhere\" does not exist"), std::string::npos) << message;
}

}  // namespace
}  // namespace postern::db
