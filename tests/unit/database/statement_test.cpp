// Statements and their parameters, as they are written by the host and by plugins.
#include "host/database/sql.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::db {
namespace {

const Value kOne{Value::Kind::integer, 1, {}};
const Value kText{Value::Kind::text, 0, "t"};
const Value kNull{};

std::string rewritten(std::string_view sql, Dialect dialect, std::vector<Value> values) {
  return rewrite(sql, dialect, values).text;
}

std::string refusal(std::string_view sql, std::vector<Value> values = {}) {
  try {
    rewrite(sql, Dialect::sqlite, values);
    return "";
  } catch (const Failure& failure) {
    return failure.what();
  }
}

TEST(Rewrite, NumbersParametersInTheOrderTheyStand) {
  const std::string sql = "select :a, x from t where y = :b and (:a is null or z=:a2)";
  const std::vector<Value> values{kOne, kText, kNull, kOne};
  EXPECT_EQ(rewritten(sql, Dialect::sqlite, values), "select ?, x from t where y = ? and (? is null or z=?)");
  EXPECT_EQ(rewritten(sql, Dialect::postgresql, values),
            "select $1::bigint, x from t where y = $2::text and ($3 is null or z=$4::bigint)");
  EXPECT_EQ(rewrite(sql, Dialect::sqlite, values).names, (std::vector<std::string>{"a", "b", "a", "a2"}));
}

TEST(Rewrite, LeavesLiteralsNamesAndCastsAlone) {
  const struct {
    const char* sql;
    const char* text;
    std::size_t parameters;
  } cases[] = {
      {"select ':a', ';', '?'", "select ':a', ';', '?'", 0},
      {"select 'it''s :a', :b", "select 'it''s :a', ?", 1},
      {"select \"odd :name;\" from t", "select \"odd :name;\" from t", 0},
      {"select x::text, :a::text", "select x::text, ?::text", 1},
      {"select 1 -- :a ; '\n, :b", "select 1 , ?", 1},
      {"select /* :a ; ' */ :b", "select ?", 1},
      {"select 1;", "select 1", 0},
      {"select 1 ; -- done\n", "select 1 ", 0},
      {"select a[1:2]", "select a[1:2]", 0},
      {"  select '日本:a'", "select '日本:a'", 0},
      {"select 'never closed :a", "select 'never closed :a", 0},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(rewritten(each.sql, Dialect::sqlite, std::vector<Value>(each.parameters, kOne)), each.text);
  }
}

TEST(Rewrite, RefusesWhatIsNotOneStatement) {
  EXPECT_EQ(refusal("select 1; select 2"), "more than one statement in \"select 1; select 2\"");
  EXPECT_EQ(refusal("  -- nothing\n ;"), "no statement in \"-- nothing ;\"");
  EXPECT_EQ(refusal("select ?"), "a parameter that is not written :name in \"select ?\"");
  EXPECT_EQ(refusal("select $1"), "a parameter that is not written :name in \"select $1\"");
  EXPECT_EQ(refusal("select @a"), "a parameter that is not written :name in \"select @a\"");
  EXPECT_EQ(refusal("select :a, :b", {kOne}),
            "\"select :a, :b\" has 2 parameters (:a, :b), but was given 1 values; a name that stands twice "
            "wants two");
  EXPECT_EQ(refusal("select 1", {kOne}),
            "\"select 1\" has 0 parameters (), but was given 1 values; a name that stands twice wants two");
}

TEST(Rewrite, CutsLongStatementsInMessages) {
  EXPECT_EQ(refusal("select '" + std::string(400, 'x') + "', ?").size(),
            std::string("a parameter that is not written :name in \"\"").size() + 120 + 3);
}

TEST(SplitScript, ReadsCommentsAndLiterals) {
  const auto statements = split_script(
      "create table a (b text default ';'); -- one; two\n\n/* ; */ insert into a\n values ('it''s; -- "
      "fine'); ;\n  "
      "update a set b = '/*';");
  ASSERT_EQ(statements.size(), 3U);
  EXPECT_EQ(statements[0], "create table a (b text default ';')");
  EXPECT_EQ(statements[1], "insert into a values ('it''s; -- fine')");
  EXPECT_EQ(statements[2], "update a set b = '/*'");
}

class Statements : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (!IsSkipped()) change({"create table things (id bigint primary key, name text unique)"});
  }
  Error error_of(bool writable, std::string_view sql, std::initializer_list<Cell> parameters = {}) {
    const auto work = [&](HostTransaction& transaction) -> Result<int> {
      transaction.rows(sql, parameters);
      return 0;
    };
    const auto done = writable ? database().write(work) : database().read(work);
    return done.ok() ? Error{Code::ok, "", ""} : done.error();
  }
};
POSTERN_ON_BOTH_DATABASES(Statements);

TEST_P(Statements, TakeTheSameNameTwiceAsTwoValues) {
  EXPECT_EQ(rows("select :a || :b || :a", {"1", "2", "3"})[0][0].text(), "123");
}

TEST_P(Statements, TellHowManyRowsTheyChanged) {
  change({"insert into things values (1, 'a')", "insert into things values (2, 'b')"});
  const auto changed =
      database().write([](HostTransaction& transaction) -> Result<std::vector<std::int64_t>> {
        return std::vector{transaction.change("update things set name = name || 'x'"),
                           transaction.change("update things set name = 'y' where id = :id", {99}),
                           transaction.change("insert into things values (3, 'c') on conflict do nothing"),
                           transaction.change("insert into things values (3, 'c') on conflict do nothing"),
                           transaction.change("delete from things")};
      });
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_EQ(*changed, (std::vector<std::int64_t>{2, 0, 1, 0, 3}));
}

TEST_P(Statements, HandBackRowsOfAChange) {
  const auto found = database().write([](HostTransaction& transaction) -> Result<Rows> {
    return transaction.rows("insert into things values (:id, :name) returning name, id", {7, "seven"});
  });
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->at(0).at(0).text(), "seven");
  EXPECT_EQ(rows("select count(*) from things")[0][0].integer(), 1);
}

TEST_P(Statements, MayRunInsideEachOthersRows) {
  change({"insert into things values (1, 'a')", "insert into things values (2, 'b')",
          "insert into things values (3, 'c')"});
  struct Nested final : RowSink {
    explicit Nested(HostTransaction& given) : transaction(given) {}
    bool row(std::span<const Value> values) override {
      const std::int64_t id = values[0].integer;
      for (const Row& other : transaction.rows("select id, name from things order by id"))
        sum += other[0].integer();
      names += values[1].text;
      return id < 2;  // the third row is never asked for
    }
    HostTransaction& transaction;
    std::int64_t sum = 0;
    std::string names;
  };
  struct Ignore final : ErrorSink {
    void error(Code, std::string_view message, std::string_view) noexcept override {
      ADD_FAILURE() << message;
    }
  };
  const auto done = database().read([](HostTransaction& transaction) -> Result<int> {
    Nested nested(transaction);
    Ignore ignore;
    EXPECT_EQ(transaction.query("select id, name from things order by id", {}, nested, ignore), Code::ok);
    EXPECT_EQ(nested.sum, 12);
    EXPECT_EQ(nested.names, "ab");
    return 0;
  });
  EXPECT_TRUE(done.ok());
}

TEST_P(Statements, SurviveMoreTextsThanTheCacheHolds) {
  for (int round = 0; round < 2; ++round) {
    const auto done = database().read([](HostTransaction& transaction) -> Result<int> {
      for (int i = 0; i < 600; ++i) {
        const std::string number = std::to_string(i);
        EXPECT_EQ(transaction.row("select " + number + " + :more", {1})->at(0).integer(), i + 1);
      }
      return 0;
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
}

TEST_P(Statements, SeeColumnsAddedLater) {
  EXPECT_TRUE(rows("select * from things").empty());
  change({"alter table things add column more bigint not null default 5",
          "insert into things values (1, 'a', 6)"});
  const auto found = rows("select * from things");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].size(), 3U);
}

TEST_P(Statements, SayThatUniquenessWasBroken) {
  change({"insert into things values (1, 'a')"});
  const auto error = error_of(true, "insert into things values (:id, :name)", {2, "a"});
  EXPECT_EQ(error.code, Code::conflict);
  EXPECT_EQ(error_of(true, "insert into things values (:id, :name)", {1, "b"}).code, Code::conflict);
  // The value itself may be personal.
  EXPECT_EQ(error.message.find("'a'"), std::string::npos);
  EXPECT_EQ(error.message.find("(a)"), std::string::npos);
}

TEST_P(Statements, SayThatAReferenceWasBroken) {
  change({"create table parts (id bigint primary key, thing bigint not null references things (id))"});
  EXPECT_EQ(error_of(true, "insert into parts values (1, 77)").code, Code::conflict);
}

TEST_P(Statements, NameTheMistakeInTheSql) {
  const auto error = error_of(false, "select wrong from things");
  EXPECT_EQ(error.code, Code::internal);
  EXPECT_NE(error.message.find("wrong"), std::string::npos);
  EXPECT_NE(error.message.find("in \"select wrong from things\""), std::string::npos);
  EXPECT_EQ(error_of(false, "select name from nowhere").code, Code::internal);
  EXPECT_EQ(error_of(false, "select \"text\" from things").code, Code::internal);  // not a literal
}

TEST_P(Statements, NeverRepeatAValueInAMessage) {
  const auto error =
      error_of(true, "insert into things values (cast(:id as bigint) / 0, :name)", {4711, "secret"});
  EXPECT_EQ(error.message.find("4711"), std::string::npos);
  EXPECT_EQ(error.message.find("secret"), std::string::npos);
}

TEST_P(Statements, OfAReadChangeNothing) {
  for (const char* sql :
       {"insert into things values (1, 'a')", "insert into things values (1, 'a') returning id",
        "update things set name = 'b'", "delete from things"}) {
    EXPECT_EQ(error_of(false, sql).code, Code::internal) << sql;
  }
  EXPECT_EQ(error_of(false, "delete from things").message,
            "this transaction only reads, so it refuses: \"delete from things\"");
  // Prepared in a writing transaction first, so that it comes out of the cache.
  EXPECT_EQ(error_of(true, "delete from things").code, Code::ok);
  EXPECT_EQ(error_of(false, "delete from things").code, Code::internal);
  EXPECT_EQ(rows("select count(*) from things")[0][0].integer(), 0);
}

TEST_P(Statements, MayNotEndTheTransactionOrReachAround) {
  for (const char* sql : {"commit", "rollback", "begin", "savepoint a", "release a", "attach 'x' as y",
                          "pragma synchronous = off", "vacuum", "set synchronous_commit = off",
                          "copy things to stdout", "(select 1)", "explain select 1"}) {
    const auto error = error_of(true, sql);
    EXPECT_EQ(error.message,
              "only select, values, with, insert, update and delete are run here, so this is refused: \"" +
                  std::string(sql) + "\"");
  }
  EXPECT_EQ(error_of(true, "drop table things").message,
            "tables are changed by migrations only, so this is refused: \"drop table things\"");
}

}  // namespace
}  // namespace postern::db
