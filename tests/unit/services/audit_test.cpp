// The audit record: what is written, what is listed, and that every kind of tampering is found and named.
#include "host/services/audit.hpp"

#include <functional>
#include <random>
#include <thread>

#include "host/services/audit_chain.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

using db::HostTransaction;

constexpr int kLines = 200;

class AuditRecord : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (!IsSkipped()) apply("host/services/schema.sql");
  }
  void write(const std::function<void(HostTransaction&)>& work) {
    const auto done = database().write([&](HostTransaction& transaction) -> Result<int> {
      work(transaction);
      return 0;
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void fill() {
    write([&](HostTransaction& transaction) {
      for (int i = 1; i <= kLines; ++i) {
        transaction.now = clock_.now() + i;
        transaction.actor = {"m-" + std::to_string(i),        "Ada Lovelace",
                             "link-" + std::to_string(i % 7), "client@example.com",
                             "192.0.2." + std::to_string(i),  "Mozilla/5.0 (test)"};
        audit_.append(transaction, i % 3 == 0 ? "share" : "", "thing.done",
                      "subject-" + std::to_string(i % 5), "{\"i\":" + std::to_string(i) + "}");
      }
    });
  }
  /// What verify() finds after `tamper`, which is undone again.
  AuditVerdict after(const std::function<void(HostTransaction&)>& tamper) {
    AuditVerdict verdict;
    const auto undone = database().write([&](HostTransaction& transaction) -> Result<int> {
      tamper(transaction);
      verdict = audit_.verify(transaction);
      return {Code::invalid, "undo"};
    });
    EXPECT_EQ(undone.error().message, "undo");
    return verdict;
  }
  std::string found_after(const std::function<void(HostTransaction&)>& tamper) {
    const auto verdict = after(tamper);
    return verdict.fault ? verdict.fault->what : "nothing";
  }
  std::string found_after(std::initializer_list<std::string> statements) {
    return found_after([&](HostTransaction& transaction) {
      for (const auto& statement : statements) transaction.change(statement);
    });
  }

  static db::Row line(HostTransaction& transaction, std::int64_t sequence) {
    return *transaction.row("select " + std::string(kAuditColumns) + " from audit where sequence = :sequence",
                            {sequence});
  }
  static void insert(HostTransaction& transaction, db::Row row) {
    transaction.change("insert into audit (" + std::string(kAuditColumns) +
                           ") values (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n)",
                       row);
  }
  /// Moves all lines above `above` by `by`; in two steps, since numbers are unique at each moment.
  static void renumber(HostTransaction& transaction, std::int64_t above, std::int64_t by) {
    transaction.change("update audit set sequence = -1000 - (sequence + :by) where sequence > :above",
                       {by, above});
    transaction.change("update audit set sequence = -1000 - sequence where sequence < 0");
  }
  static void move(HostTransaction& transaction, std::int64_t from, std::int64_t to) {
    transaction.change("update audit set sequence = :to where sequence = :from", {to, from});
  }
  /// A forger who knows how hashes are made.
  static void hash_anew(HostTransaction& transaction, std::int64_t sequence) {
    transaction.change("update audit set hash = :hash where sequence = :sequence",
                       {audit_hash(line(transaction, sequence), sequence), sequence});
  }
  static std::string at(std::int64_t sequence) { return " where sequence = " + std::to_string(sequence); }

  const Audit audit_{};
};
POSTERN_ON_BOTH_DATABASES(AuditRecord);

TEST_P(AuditRecord, HoldsWhoDidWhatWhen) {
  write([&](HostTransaction& transaction) {
    transaction.actor = {"m1", "Ada", "l1", "client@example.com", "192.0.2.1", "Browser/1"};
    audit_.append(transaction, "share", "share.created", "s1", "{\"documents\":2}");
  });
  const auto listed = database().read([&](HostTransaction& transaction) -> Result<std::vector<AuditLine>> {
    return audit_.list(transaction, {});
  });
  ASSERT_EQ(listed->size(), 1U);
  const AuditLine& line = listed->front();
  EXPECT_EQ(line.sequence, 1);
  EXPECT_EQ(line.at, clock_.now());
  EXPECT_EQ(line.event, "share.created");
  EXPECT_EQ(line.plugin, "share");
  EXPECT_EQ(line.subject, "s1");
  EXPECT_EQ(line.actor.member, "m1");
  EXPECT_EQ(line.actor.member_name, "Ada");
  EXPECT_EQ(line.actor.link, "l1");
  EXPECT_EQ(line.actor.recipient, "client@example.com");
  EXPECT_EQ(line.actor.address, "192.0.2.1");
  EXPECT_EQ(line.actor.user_agent, "Browser/1");
  EXPECT_EQ(line.details, "{\"documents\":2}");
  EXPECT_EQ(line.previous, "");
  EXPECT_EQ(line.hash.size(), 64U);
}

TEST_P(AuditRecord, HashesADocumentedForm) {
  write([&](HostTransaction& transaction) {
    transaction.now = {7};
    transaction.actor.member = "m1";
    audit_.append(transaction, "share", "a.b", "s1", "{}");
  });
  // printf 'postern audit line 1\n1:1,1:7,3:a.b,5:share,2:s1,2:m1,0:,0:,0:,0:,0:,2:{},0:,' | sha256sum
  EXPECT_EQ(rows("select hash from audit")[0][0].text(),
            "b9d19261d1276dc3d3a0948c75e0f03082c97caa14ccef58af141afc35e568fe");
}

TEST_P(AuditRecord, TakesWhateverABrowserSaysOfItself) {
  write([&](HostTransaction& transaction) {
    transaction.actor.user_agent =
        std::string("a\0b\xFF\xC3\xA9\xED\xA0\x80\xC0\xAF\n", 12) + std::string(600, 'x');
    audit_.append(transaction, "", "a.b", "s");
    transaction.actor.user_agent = std::string(511, 'x') + "é";
    audit_.append(transaction, "", "a.b", "s");
  });
  const auto found = rows("select user_agent from audit order by sequence");
  EXPECT_EQ(found[0][0].text().substr(0, 12), "a?b?é??????");
  EXPECT_EQ(found[0][0].text().size(), 512U);
  EXPECT_EQ(found[1][0].text(), std::string(511, 'x'));  // a character is never cut
}

TEST_P(AuditRecord, ListsByFilterAndPage) {
  fill();
  const auto list = [&](const AuditFilter& filter) {
    std::vector<std::int64_t> numbers;
    const auto found = database().read([&](HostTransaction& transaction) -> Result<std::vector<AuditLine>> {
      return audit_.list(transaction, filter);
    });
    for (const auto& line : *found) numbers.push_back(line.sequence);
    return numbers;
  };
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(list({.limit = 3}), (Numbers{1, 2, 3}));
  EXPECT_EQ(list({.after = 198}), (Numbers{199, 200}));
  EXPECT_EQ(list({.newest_first = true, .limit = 2}), (Numbers{200, 199}));
  EXPECT_EQ(list({.after = 3, .newest_first = true}), (Numbers{2, 1}));
  EXPECT_EQ(list({.subject = "subject-2", .limit = 3}), (Numbers{2, 7, 12}));
  EXPECT_EQ(list({.link = "link-0", .limit = 2}), (Numbers{7, 14}));
  EXPECT_EQ(list({.member = "m-42"}), (Numbers{42}));
  EXPECT_EQ(list({.event = "nothing.done"}), Numbers{});
  EXPECT_EQ(list({.from = clock_.now() + 10, .until = clock_.now() + 12}), (Numbers{10, 11}));
  EXPECT_EQ(list({.subject = "subject-2", .link = "link-0", .event = "thing.done"}),
            (Numbers{7, 42, 77, 112, 147, 182}));
}

TEST_P(AuditRecord, OfNothingIsWhole) {
  const auto verdict = after([](HostTransaction&) {});
  EXPECT_FALSE(verdict.fault);
  EXPECT_EQ(verdict.lines, 0);
  EXPECT_EQ(verdict.head, "");
}

TEST_P(AuditRecord, IsWholeAndTellsItsHead) {
  fill();
  const auto verdict = after([](HostTransaction&) {});
  EXPECT_FALSE(verdict.fault) << verdict.fault->what;
  EXPECT_EQ(verdict.lines, kLines);
  EXPECT_EQ(verdict.head, rows("select hash from audit where sequence = 200")[0][0].text());
}

TEST_P(AuditRecord, IsWholeOverManyPages) {
  write([&](HostTransaction& transaction) {
    for (int i = 0; i < 1500; ++i) audit_.append(transaction, "", "a.b", "s");
  });
  EXPECT_EQ(found_after({}), "nothing");
  EXPECT_EQ(after([](HostTransaction&) {}).lines, 1500);
  EXPECT_EQ(found_after({"delete from audit where sequence = 501"}), "line 501 is missing");
  EXPECT_EQ(found_after({"update audit set event = 'x' where sequence = 1000"}), "line 1000 was changed");
}

TEST_P(AuditRecord, IsLeftAsItWasByATransactionThatRollsBack) {
  fill();
  (void)database().write([&](HostTransaction& transaction) -> Result<int> {
    audit_.append(transaction, "", "a.b", "s");
    return {Code::invalid, "no"};
  });
  EXPECT_EQ(after([](HostTransaction&) {}).lines, kLines);
}

TEST_P(AuditRecord, StaysWholeWhenManyWrite) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        write([&](HostTransaction& transaction) { audit_.append(transaction, "", "a.b", "s"); });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto verdict = after([](HostTransaction&) {});
  EXPECT_FALSE(verdict.fault) << verdict.fault->what;
  EXPECT_EQ(verdict.lines, 80);
}

TEST_P(AuditRecord, NamesALineThatWasChanged) {
  fill();
  for (const std::int64_t n : {1, 2, 100, 199, 200}) {
    for (const std::string column : {"event", "plugin", "subject", "member", "member_name", "link",
                                     "recipient", "address", "user_agent", "details", "previous", "hash"}) {
      EXPECT_EQ(found_after({"update audit set " + column + " = 'other'" + at(n)}),
                "line " + std::to_string(n) + " was changed")
          << column;
    }
    EXPECT_EQ(found_after({"update audit set at = at + 1" + at(n)}),
              "line " + std::to_string(n) + " was changed");
    // Bytes that wander from one field into the next make another line.
    EXPECT_EQ(found_after({"update audit set member = member || 'A', member_name = 'da Lovelace'" + at(n)}),
              "line " + std::to_string(n) + " was changed");
  }
}

TEST_P(AuditRecord, NamesALineThatWasChangedAndHashedAnew) {
  fill();
  for (const std::int64_t n : {1, 2, 100, 199}) {
    EXPECT_EQ(found_after([&](HostTransaction& transaction) {
                transaction.change("update audit set subject = 'other'" + at(n));
                hash_anew(transaction, n);
              }),
              "line " + std::to_string(n) + " was changed");
    EXPECT_EQ(found_after([&](HostTransaction& transaction) {
                transaction.change("update audit set previous = 'other'" + at(n));
                hash_anew(transaction, n);
              }),
              "line " + std::to_string(n) + " was changed");
  }
  EXPECT_EQ(found_after([&](HostTransaction& transaction) {
              transaction.change("update audit set subject = 'other'" + at(200));
              hash_anew(transaction, 200);
            }),
            "line 200 or the head of the chain was changed");
}

TEST_P(AuditRecord, NamesALineThatBecameACopyOfAnother) {
  fill();
  for (const auto& [n, from] :
       {std::pair{100, 50}, std::pair{100, 150}, std::pair{100, 99}, std::pair{200, 5}, std::pair{1, 200}}) {
    EXPECT_EQ(found_after([n = n, from = from](HostTransaction& transaction) {
                db::Row copy = line(transaction, from);
                copy[kAuditSequence] = n;
                transaction.change("delete from audit" + at(n));
                insert(transaction, copy);
              }),
              "line " + std::to_string(n) + " was changed")
        << n << " from " << from;
  }
}

TEST_P(AuditRecord, NamesLinesThatWereRemoved) {
  fill();
  for (const std::int64_t n : {1, 2, 100, 199, 200}) {
    EXPECT_EQ(found_after({"delete from audit" + at(n)}), "line " + std::to_string(n) + " is missing");
  }
  EXPECT_EQ(found_after({"delete from audit where sequence between 50 and 60"}),
            "lines 50 to 60 are missing");
  EXPECT_EQ(found_after({"delete from audit where sequence <= 3"}), "lines 1 to 3 are missing");
  EXPECT_EQ(found_after({"delete from audit where sequence > 190"}), "lines 191 to 200 are missing");
  EXPECT_EQ(found_after({"delete from audit"}), "lines 1 to 200 are missing");
}

TEST_P(AuditRecord, NamesLinesThatWereRemovedAndTheRestRenumbered) {
  fill();
  for (const std::int64_t n : {1, 2, 100, 198, 199}) {
    EXPECT_EQ(found_after([&](HostTransaction& transaction) {
                transaction.change("delete from audit" + at(n));
                renumber(transaction, n, -1);
              }),
              "line " + std::to_string(n) + " is missing");
  }
  EXPECT_EQ(found_after([&](HostTransaction& transaction) {
              transaction.change("delete from audit where sequence between 50 and 60");
              renumber(transaction, 60, -11);
              transaction.change("update audit_head set sequence = 189");
            }),
            "lines 50 to 60 are missing");
}

TEST_P(AuditRecord, NamesLinesThatWereInserted) {
  fill();
  for (const bool forged : {false, true}) {
    for (const bool head : {false, true}) {
      for (const std::int64_t n : {1, 2, 100, 199, 200}) {
        EXPECT_EQ(found_after([&](HostTransaction& transaction) {
                    db::Row row = line(transaction, n);
                    row[kAuditSequence] = n;
                    row[4] = "smuggled";
                    if (forged) row[kAuditHash] = audit_hash(row, n);
                    renumber(transaction, n - 1, 1);
                    insert(transaction, row);
                    if (head) transaction.change("update audit_head set sequence = 201");
                  }),
                  "line " + std::to_string(n) + " was inserted")
            << n << (forged ? " forged" : "") << (head ? " head" : "");
      }
    }
  }
  EXPECT_EQ(found_after([&](HostTransaction& transaction) {
              db::Row row = line(transaction, 50);
              row[4] = "smuggled";
              renumber(transaction, 49, 3);
              for (int i = 50; i < 53; ++i) {
                row[kAuditSequence] = i;
                insert(transaction, row);
              }
            }),
            "lines 50 to 52 were inserted");
}

TEST_P(AuditRecord, NamesALineThatWasAddedAtTheEnd) {
  fill();
  EXPECT_EQ(found_after([&](HostTransaction& transaction) {
              db::Row row = line(transaction, 200);
              row[kAuditPrevious] = row[kAuditHash];
              row[kAuditSequence] = 201;
              row[kAuditHash] = audit_hash(row, 201);
              insert(transaction, row);
            }),
            "line 201 was inserted");
}

TEST_P(AuditRecord, NamesALineInFrontOfTheFirst) {
  fill();
  EXPECT_EQ(found_after([&](HostTransaction& transaction) {
              db::Row row = line(transaction, 1);
              row[kAuditSequence] = 0;
              row[4] = "smuggled";
              insert(transaction, row);
            }),
            "line 0 was inserted");
}

TEST_P(AuditRecord, NamesLinesThatWereExchanged) {
  fill();
  for (const auto& [a, b] :
       {std::pair{1, 2}, std::pair{20, 21}, std::pair{199, 200}, std::pair{5, 150}, std::pair{1, 200}}) {
    EXPECT_EQ(found_after([a = a, b = b](HostTransaction& transaction) {
                move(transaction, a, -1);
                move(transaction, b, a);
                move(transaction, -1, b);
              }),
              "lines " + std::to_string(a) + " and " + std::to_string(b) + " were exchanged");
  }
}

TEST_P(AuditRecord, NamesALineThatWasMoved) {
  fill();
  EXPECT_EQ(found_after([](HostTransaction& transaction) {  // 20 behind 22
              move(transaction, 20, -1);
              move(transaction, 21, 20);
              move(transaction, 22, 21);
              move(transaction, -1, 22);
            }),
            "line 20 was moved to 22");
  EXPECT_EQ(found_after([](HostTransaction& transaction) { move(transaction, 100, 456); }),
            "line 100 was moved to 456");
  EXPECT_EQ(found_after([](HostTransaction& transaction) { move(transaction, 1, 0); }),
            "line 1 was moved to 0");
  EXPECT_EQ(found_after([](HostTransaction& transaction) { move(transaction, 200, -7); }),
            "line 200 was moved to -7");
  EXPECT_EQ(found_after([](HostTransaction& transaction) { move(transaction, 200, 201); }),
            "line 200 was moved to 201");
}

TEST_P(AuditRecord, NoticesWhenItsHeadWasTouched) {
  fill();
  EXPECT_EQ(found_after({"delete from audit_head"}), "the head of the chain is missing");
  EXPECT_EQ(found_after({"update audit_head set sequence = 100"}), "the head of the chain was changed");
  EXPECT_EQ(found_after({"update audit_head set sequence = 300"}), "the head of the chain was changed");
  EXPECT_EQ(found_after({"update audit_head set hash = 'x'"}),
            "line 200 or the head of the chain was changed");
}

TEST_P(AuditRecord, NoticesEveryFlippedBit) {
  fill();
  std::mt19937 random(20260101);
  const std::vector<std::string> columns{"sequence",   "at",          "event",    "plugin",    "subject",
                                         "member",     "member_name", "link",     "recipient", "address",
                                         "user_agent", "details",     "previous", "hash"};
  int flipped = 0;
  for (int round = 0; round < 25; ++round) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      const std::int64_t n = 1 + static_cast<std::int64_t>(random() % kLines);
      const auto bit = static_cast<unsigned>(random());
      std::string expected = "line " + std::to_string(n) + " was changed";
      bool possible = true;
      const std::string found = found_after([&](HostTransaction& transaction) {
        db::Cell cell = line(transaction, n)[column];
        if (column == kAuditSequence) {
          const std::int64_t to = n ^ (std::int64_t{1} << (bit % 62));
          possible = to > kLines || to < 1;  // else it is another line's number, which the database refuses
          if (!possible) return;
          expected = "line " + std::to_string(n) + " was moved to " + std::to_string(to);
          cell = to;
        } else if (cell.kind() == Value::Kind::integer) {
          cell = cell.integer() ^ (std::int64_t{1} << (bit % 63));
        } else {
          std::string text = cell.text();
          if (text.empty())
            text = "x";  // nothing to flip: something appears instead
          else
            text[(bit >> 3) % text.size()] =
                static_cast<char>(text[(bit >> 3) % text.size()] ^ (1 << (bit % 5)));
          if (text[(bit >> 3) % text.size()] == 0) text[(bit >> 3) % text.size()] = '!';
          cell = text;
        }
        transaction.change("update audit set " + columns[column] + " = :value where sequence = :sequence",
                           {cell, n});
      });
      if (!possible) continue;
      ++flipped;
      EXPECT_EQ(found, expected) << columns[column];
    }
  }
  EXPECT_GT(flipped, 300);
}

}  // namespace
}  // namespace postern::services
