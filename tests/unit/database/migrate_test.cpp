// Migrations: applied once, in order, under a lock; edits, gaps and a newer database are refused by name.
#include <thread>

#include "host/database/migration_rule.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::db {
namespace {

constexpr Timestamp kNow{1000};

TEST(ParseMigrations, ReadsNumbersNamesAndText) {
  const auto parsed = parse_migrations(
      "-- What this is.\n\n-- migration 1: begin\ncreate table a (b text);\n\n-- migration 2: go "
      "on\r\nselect ';';\r\n",
      "x.sql");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ(parsed->at(0).number, 1);
  EXPECT_EQ(parsed->at(0).name, "begin");
  EXPECT_EQ(parsed->at(0).sql, "create table a (b text);\n\n");
  EXPECT_EQ(parsed->at(1).name, "go on");
  EXPECT_TRUE(parse_migrations("", "x.sql")->empty());
}

TEST(ParseMigrations, NamesFileLineAndMistake) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"create table a (b text);\n-- migration 1: a\nselect 1;",
       "x.sql:1: a statement before the first line \"-- migration 1: name\""},
      {"-- migration one: a\n", "x.sql:1: found \"-- migration one: a\", wanted \"-- migration N: name\""},
      {"\n-- migration 1 a\n", "x.sql:2: found \"-- migration 1 a\", wanted \"-- migration N: name\""},
      {"-- migration 1: \n", "x.sql:1: found \"-- migration 1: \", wanted \"-- migration N: name\""},
      {"-- migration 2: a\nselect 1;", "x.sql:1: found migration 2, wanted 1"},
      {"-- migration 1: a\nselect 1;\n-- migration 3: b\nselect 1;", "x.sql:3: found migration 3, wanted 2"},
      {"-- migration 99999999999: a\n",
       "x.sql:1: found \"-- migration 99999999999: a\", wanted \"-- migration N: name\""},
      {"-- migration 1: a\n-- only this\n", "x.sql: migration 1 (a) has no statements"},
  };
  for (const auto& wrong : cases) {
    const auto parsed = parse_migrations(wrong.text, "x.sql");
    ASSERT_FALSE(parsed.ok()) << wrong.text;
    EXPECT_EQ(parsed.error().message, wrong.message);
  }
}

TEST(MigrationRule, LetsAPluginTouchItsOwnTables) {
  for (const char* sql :
       {"create table my_plug_shares (id text primary key, link text references links (id))",
        "create table if not exists my_plug_shares (id text)",
        "create unique index my_plug_i on my_plug_shares (id)",
        "create index if not exists \"my_plug_i\" on \"my_plug_shares\" (id)", "drop table my_plug_shares",
        "drop table if exists my_plug_a, my_plug_b", "drop index my_plug_i",
        "alter table my_plug_shares add column a bigint", "alter table my_plug_shares rename to my_plug_more",
        "insert into my_plug_shares values ('a')", "update my_plug_shares set id = 'b'",
        "delete from my_plug_shares", "CREATE TABLE My_Plug_Shares (id text)"}) {
    EXPECT_EQ(breach_of_prefix(sql, "my-plug"), std::nullopt) << sql;
  }
}

TEST(MigrationRule, KeepsAPluginOutOfEverythingElse) {
  const std::string kind = "may only create, alter, drop and fill its own tables and indexes, found \"";
  for (const char* sql :
       {"create temp table my_plug_a (b text)", "create view my_plug_v as select 1",
        "create trigger my_plug_t after insert on links", "create function my_plug_f()",
        "drop table my_plug_a cascade", "grant all on links to public", "select 1",
        "with gone as (delete from links returning *) insert into my_plug_a select * from gone",
        "insert into my_plug_a with gone as (delete from links returning *) select * from gone",
        "create table my_plug_a.links (b text)", "drop schema public",
        "alter index links_email rename to my_plug_x", "replace into links values (1)"}) {
    EXPECT_EQ(breach_of_prefix(sql, "my-plug"), kind + sql + "\"") << sql;
  }
  const struct {
    const char* sql;
    const char* name;
  } names[] = {
      {"create table links (id text)", "links"},
      {"create table my_plugs (id text)", "my_plugs"},
      {"create index links_more on my_plug_a (b)", "links_more"},
      {"create index my_plug_i on links (id)", "links"},
      {"drop table my_plug_a, links", "links"},
      {"drop index links_email", "links_email"},
      {"alter table links add column a text", "links"},
      {"alter table my_plug_a rename to other_a", "other_a"},
      {"update links set uses = 0", "links"},
      {"delete from audit", "audit"},
      {"insert into \"audit\" values (1)", "audit"},
      {"drop table \"my_plug_a\", \"Links\"", "Links"},
  };
  for (const auto& wrong : names) {
    EXPECT_EQ(breach_of_prefix(wrong.sql, "my-plug"),
              "touches \"" + std::string(wrong.name) +
                  "\", but a plugin's tables and indexes begin with \"my_plug_\"");
  }
}

class Migrations : public testing::DatabaseTest {
 protected:
  Result<int> run(std::vector<Migration> migrations, std::string_view owner = "host") {
    return migrate(database(), owner, migrations, kNow);
  }
  std::string refusal(std::vector<Migration> migrations, std::string_view owner = "host") {
    const auto done = run(std::move(migrations), owner);
    return done.ok() ? "" : done.error().message;
  }
  const Migration first_{1, "begin", "create table a (b text default ';'); insert into a values ('x;y');"};
  const Migration second_{2, "grow", "alter table a add column c bigint;\n-- done;\n"};
};
POSTERN_ON_BOTH_DATABASES(Migrations);

TEST_P(Migrations, RunOnceAndInOrder) {
  EXPECT_EQ(*run({first_}), 1);
  EXPECT_EQ(*run({first_}), 0);
  EXPECT_EQ(*run({first_, second_}), 1);
  EXPECT_EQ(*run({first_, second_}), 0);
  EXPECT_EQ(rows("select b, c from a")[0][0].text(), "x;y");
  const auto recorded =
      rows("select owner, number, name, length(sha256), applied_at from schema_migrations order by number");
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[1][0].text(), "host");
  EXPECT_EQ(recorded[1][1].integer(), 2);
  EXPECT_EQ(recorded[1][2].text(), "grow");
  EXPECT_EQ(recorded[1][3].integer(), 64);
  EXPECT_EQ(recorded[1][4].integer(), kNow.ms);
}

TEST_P(Migrations, OfTwoOwnersDoNotMeet) {
  EXPECT_EQ(*run({first_}), 1);
  EXPECT_EQ(*run({{1, "begin", "create table share_a (b text)"}}, "share"), 1);
  EXPECT_EQ(*run({first_}), 0);
}

TEST_P(Migrations, ThatFailLeaveNothing) {
  const Migration broken{2, "break", "create table d (e text); insert into nowhere values (1);"};
  const std::string message = refusal({first_, broken});
  EXPECT_TRUE(message.starts_with("migration 2 (break) of host failed: ")) << message;
  EXPECT_NE(message.find("nowhere"), std::string::npos) << message;
  EXPECT_EQ(rows("select count(*) from schema_migrations")[0][0].integer(), 1);  // the first one stands
  EXPECT_EQ(*run({first_, {2, "mend", "create table d (e text)"}}), 1);          // and d was not left behind
}

TEST_P(Migrations, ThatWereEditedAreRefused) {
  EXPECT_EQ(*run({first_, second_}), 2);
  Migration edited = first_;
  edited.sql = "create table a (b text);";
  EXPECT_EQ(refusal({edited, second_}),
            "migration 1 (begin) of host was edited after it was applied to this database; put its old text "
            "back and write "
            "a new migration");
  Migration commented = first_;
  commented.sql =
      "-- Better explained.\ncreate table  a (b text default ';');\n\ninsert into a values ('x;y');";
  EXPECT_EQ(refusal({commented, second_}), "");
}

TEST_P(Migrations, OfANewerProgramAreRefused) {
  EXPECT_EQ(*run({first_, second_}), 2);
  EXPECT_EQ(refusal({first_}),
            "migration 2 (grow) of host was applied to this database, but this program knows only 1: a newer "
            "version was "
            "here; use that one");
}

TEST_P(Migrations, WithGapsAreRefused) {
  EXPECT_EQ(
      refusal({second_}),
      "migration 2 (grow) of host stands where number 1 is wanted: they are numbered from 1 without gaps");
  EXPECT_EQ(*run({first_, second_}), 2);
  change({"delete from schema_migrations where number = 1"});
  EXPECT_EQ(refusal({first_, second_}),
            "migration 2 (grow) of host was applied to this database, but number 1 was not: the table "
            "schema_migrations was "
            "changed by hand; restore a backup");
}

TEST_P(Migrations, OfAPluginStayInItsTables) {
  EXPECT_EQ(refusal({{1, "spy", "create table share_a (b text); drop table links;"}}, "share"),
            "migration 1 (spy) of share touches \"links\", but a plugin's tables and indexes begin with "
            "\"share_\"");
  EXPECT_EQ(*run({first_}), 1);  // and nothing of it was applied
  EXPECT_EQ(rows("select count(*) from schema_migrations where owner = 'share'")[0][0].integer(), 0);
}

TEST_P(Migrations, OfHostsThatStartTogetherRunOnce) {
  std::vector<std::unique_ptr<FirmDatabase>> hosts;
  for (int i = 0; i < 4; ++i) hosts.push_back(open(2));
  std::atomic<int> ran{0}, failed{0};
  std::vector<std::thread> threads;
  const std::vector<Migration> both{first_, second_};
  for (auto& host : hosts) {
    threads.emplace_back([&, database = host.get()] {
      const auto done = migrate(*database, "host", both, kNow);
      done.ok() ? ran += *done : ++failed;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(ran, 2);
}

TEST_P(Migrations, OfTheHostApplyToAFreshDatabase) {
  apply("host/services/schema.sql");
  EXPECT_EQ(rows("select sequence, hash from audit_head").size(), 1U);
  apply("host/services/schema.sql");
}

}  // namespace
}  // namespace postern::db
