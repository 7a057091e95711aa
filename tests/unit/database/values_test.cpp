// What goes into a database comes out of it again, the same on both.
#include "tests/fixtures/database.hpp"

namespace postern::db {
namespace {

class Values : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (!IsSkipped()) change({"create table things (id bigint primary key, name text, amount bigint)"});
  }
  Result<Cell> round_trip(const Cell& cell) {
    return database().write([&](HostTransaction& transaction) -> Result<Cell> {
      const bool text = cell.kind() == Value::Kind::text;
      transaction.change(text ? "insert into things (id, name) values (77, :value)"
                              : "insert into things (id, amount) values (77, :value)",
                         {cell});
      auto row = transaction.row(text ? "select name from things where id = 77"
                                      : "select amount from things where id = 77");
      transaction.change("delete from things where id = 77");
      return row->at(0);
    });
  }
};
POSTERN_ON_BOTH_DATABASES(Values);

TEST_P(Values, KeepsIntegersExactly) {
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, (std::int64_t{1} << 53) + 1,
                                    -(std::int64_t{1} << 53) - 1, INT64_MAX, INT64_MIN}) {
    const auto kept = round_trip(number);
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    EXPECT_EQ(kept->integer(), number);
  }
}

TEST_P(Values, KeepsTextByteForByte) {
  for (const std::string& text : {std::string(""), std::string("it's \"quoted\" :name ? $1 -- ; /* \\ %"),
                                  std::string("日本語 ñ 😀 \xC2\x80"), std::string(100'000, 'x'),
                                  std::string("line\r\nline\ttab\x01\x7F")}) {
    const auto kept = round_trip(text);
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    EXPECT_EQ(kept->text(), text);
  }
}

TEST_P(Values, KeepsNullApartFromZeroAndEmpty) {
  change({"insert into things (id, name, amount) values (1, null, null)",
          "insert into things values (2, '', 0)"});
  const auto found = rows("select name, amount from things order by id");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0][0].is_null());
  EXPECT_TRUE(found[0][1].is_null());
  EXPECT_EQ(found[1][0].kind(), Value::Kind::text);
  EXPECT_EQ(found[1][1].kind(), Value::Kind::integer);
  EXPECT_TRUE(round_trip(Cell())->is_null());
  EXPECT_TRUE(round_trip(Cell(std::optional<std::int64_t>()))->is_null());
}

TEST_P(Values, RefusesTextThatPostgresqlCannotKeep) {
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {std::string("a\0b", 3), "the text for :value holds a NUL byte"},
      {"\xFF", "the text for :value is not UTF-8"},
      {"a\xC0\xAF", "the text for :value is not UTF-8"},         // overlong
      {"\xED\xA0\x80", "the text for :value is not UTF-8"},      // surrogate
      {"\xF4\x90\x80\x80", "the text for :value is not UTF-8"},  // above U+10FFFF
      {"\xE2\x82", "the text for :value is not UTF-8"},          // cut off
      {"\x80", "the text for :value is not UTF-8"},
  };
  for (const auto& wrong : cases) {
    const auto kept = round_trip(wrong.text);
    ASSERT_FALSE(kept.ok());
    EXPECT_EQ(kept.error().code, Code::invalid);
    EXPECT_EQ(kept.error().message, wrong.message);
  }
}

TEST_P(Values, GivesExpressionsTheirOwnKind) {
  change({"insert into things values (1, 'a', 9007199254740993)",
          "insert into things values (2, 'b', 9007199254740993)"});
  const auto found = rows(
      "select count(*), sum(amount), max(amount), max(name), count(*) > 1, 'x' || name, "
      "coalesce(max(amount), 0) "
      "from things group by 'x' || name order by 6");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0][0].integer(), 1);
  EXPECT_EQ(found[0][1].integer(), 9007199254740993);
  EXPECT_EQ(found[0][2].integer(), 9007199254740993);
  EXPECT_EQ(found[0][3].text(), "a");
  EXPECT_EQ(found[0][4].integer(), 0);
  EXPECT_EQ(found[0][5].text(), "xa");
  EXPECT_EQ(found[0][6].integer(), 9007199254740993);
  EXPECT_EQ(rows("select sum(amount) from things")[0][0].integer(), 18014398509481986);
}

TEST_P(Values, RefusesFractionsInsteadOfRoundingThem) {
  const auto found = database().read([&](HostTransaction& transaction) -> Result<int> {
    transaction.rows("select 1.5 as half");
    return 0;
  });
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().message, "column 1 is neither an integer nor a text in \"select 1.5 as half\"");
}

TEST_P(Values, TakesAnIntegerForABigintWhereverItStands) {
  // PostgreSQL would take a parameter beside the literal 0 for a 32-bit one.
  const std::int64_t now = 1'767'225'600'000;
  const auto found =
      rows("select :a + 1, case when :b = 0 then 0 else 1 end, :c, coalesce(:d, 0)", {now, now, now, now});
  EXPECT_EQ(found[0][0].integer(), now + 1);
  EXPECT_EQ(found[0][1].integer(), 1);
  EXPECT_EQ(found[0][2].integer(), now);
  EXPECT_EQ(found[0][3].integer(), now);
}

TEST_P(Values, ComparesAndOrdersTextByItsBytes) {
  change({"insert into things values (1, 'B', 0)", "insert into things values (2, 'a', 0)",
          "insert into things values (3, 'A', 0)"});
  const auto found = rows("select name from things order by name");
  EXPECT_EQ(found[0][0].text() + found[1][0].text() + found[2][0].text(), "ABa");
  EXPECT_EQ(rows("select count(*) from things where name like 'a%'")[0][0].integer(), 1);
}

}  // namespace
}  // namespace postern::db
