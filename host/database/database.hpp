// One firm's database: a bounded pool of sessions on SQLite or PostgreSQL, and transactions with rich types.
// The only room that knows SOCI; no SOCI type appears in its headers.
//
// Writers of one firm run one at a time, on SQLite by the file's lock and a fair queue in front of it, on
// PostgreSQL by an advisory lock taken first: so no code has to think about write skew, on either database.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postern/clock.hpp"
#include "postern/database.hpp"
#include "postern/result.hpp"
#include "postern/time.hpp"

namespace postern::db {

enum class Dialect : std::uint8_t { sqlite, postgresql };

/// A value that owns its text.
class Cell {
 public:
  Cell() = default;
  Cell(std::int64_t integer) : kind_(Value::Kind::integer), integer_(integer) {}
  Cell(int integer) : Cell(static_cast<std::int64_t>(integer)) {}
  Cell(bool flag) : Cell(static_cast<std::int64_t>(flag)) {}
  Cell(Timestamp time) : Cell(time.ms) {}
  Cell(std::string text) : kind_(Value::Kind::text), text_(std::move(text)) {}
  Cell(std::string_view text) : Cell(std::string(text)) {}
  Cell(const char* text) : Cell(std::string(text)) {}
  template <class T>
  Cell(const std::optional<T>& value) : Cell(value ? Cell(*value) : Cell()) {}

  bool is_null() const { return kind_ == Value::Kind::null; }
  Value::Kind kind() const { return kind_; }
  /// 0 and "" when null; an integer column read as text and the reverse are bugs and throw std::logic_error.
  std::int64_t integer() const;
  const std::string& text() const;
  Value view() const { return {kind_, integer_, text_}; }

 private:
  Value::Kind kind_ = Value::Kind::null;
  std::int64_t integer_ = 0;
  std::string text_;
};

/// Who a transaction is done for: set by the door that opened it, read by the audit record and the services.
struct Actor {
  std::string member;  // id of a member or API key; empty for recipients and the host itself
  std::string member_name;
  std::string link;        // id of the link a recipient acts through
  std::string recipient;   // the recipient's email or name
  std::string address;     // of the client
  std::string user_agent;  // at most 512 bytes
};

using Row = std::vector<Cell>;
using Rows = std::vector<Row>;

/// What the database said: carries the code (conflict, unavailable, internal) and a message without data.
class Failure : public std::exception {
 public:
  Failure(Code code, std::string message, bool retry)
      : code_(code), message_(std::move(message)), retry_(retry) {}
  const char* what() const noexcept override { return message_.c_str(); }
  Code code() const { return code_; }
  bool retry() const { return retry_; }  // SQLITE_BUSY, SQLSTATE 40001, 40P01, lost connection before commit

 private:
  Code code_;
  std::string message_;
  bool retry_;
};

/// The host's side of a transaction: what plugins see, with rich types added. Failures of the database throw
/// db::Failure, which Database::write and ::read turn into an Error (or a retry) at the edge; broken
/// uniqueness too. After the first failure every further statement is refused with it and nothing is
/// committed, on both databases: write `insert ... on conflict do nothing` where a conflict is expected. A
/// statement begins with select, values, with, insert, update or delete; change() takes create, alter and
/// drop too.
class HostTransaction : public Transaction {
 public:
  virtual ~HostTransaction() = default;
  /// Every row. [may block]
  virtual Rows rows(std::string_view sql, std::initializer_list<Cell> parameters = {}) = 0;
  virtual Rows rows(std::string_view sql, std::span<const Cell> parameters) = 0;
  /// The first row, if there is one.
  std::optional<Row> row(std::string_view sql, std::initializer_list<Cell> parameters = {});
  /// Rows changed.
  virtual std::int64_t change(std::string_view sql, std::initializer_list<Cell> parameters = {}) = 0;
  virtual std::int64_t change(std::string_view sql, std::span<const Cell> parameters) = 0;
  virtual Dialect dialect() const = 0;
  /// Runs after the commit, on this thread, in order; not when rolled back. For waking workers, never for
  /// data.
  virtual void after_commit(std::function<void()> act) = 0;

  /// Remembers that the database failed inside a call whose error had to be turned into a code (a plugin
  /// stood between). The transaction is then never committed: it is repeated if the failure says so, else
  /// refused with it. query() and execute() of the SDK do this themselves. The first failure counts.
  void failed(const Failure& failure) {
    if (!failure_) failure_ = failure;
  }
  const std::optional<Failure>& failure() const { return failure_; }

  Actor actor;    // empty: the host itself
  Timestamp now;  // one time for the whole transaction; set by Database::write and ::read from the clock

 private:
  std::optional<Failure> failure_;
};

/// The host's view of a transaction that a plugin handed back to a service. Every Transaction is one of ours.
inline HostTransaction& host(Transaction& transaction) { return static_cast<HostTransaction&>(transaction); }

struct Options {
  std::string url;        // "sqlite:/path/to/file.db" or "postgresql://user:password@host/db?schema=name"
  unsigned sessions = 8;  // of the pool; a further caller waits up to `wait_ms`, then Code::unavailable
  std::int64_t wait_ms = 5000;
};

class FirmDatabase {
 public:
  /// `clock` outlives the database. Opens the pool and asserts what safety needs (SQLite: WAL,
  /// synchronous=FULL, foreign_keys; PostgreSQL: fsync and synchronous_commit on). One sentence with the URL
  /// without its password on failure. [may block]
  static Result<std::unique_ptr<FirmDatabase>> open(const Options& options, const Clock& clock);
  virtual ~FirmDatabase() = default;

  /// Runs `work` in a writing transaction, commits, and repeats it when the database asks for that (at most
  /// 10 times, within 10 s). An Error from `work` rolls back and is handed on. [any thread, may block]
  template <class F>
  auto write(F&& work) -> std::invoke_result_t<F, HostTransaction&> {
    return run(true, std::forward<F>(work));
  }
  /// The same with a snapshot that may not change anything.
  template <class F>
  auto read(F&& work) -> std::invoke_result_t<F, HostTransaction&> {
    return run(false, std::forward<F>(work));
  }

  virtual Dialect dialect() const = 0;

 protected:
  /// Calls `work` (true: commit, false: roll back) as write() says; the Error when the database itself
  /// failed.
  virtual Result<void> run_erased(bool writable, const std::function<bool(HostTransaction&)>& work) = 0;

 private:
  template <class F>
  auto run(bool writable, F&& work) -> std::invoke_result_t<F, HostTransaction&> {
    using R = std::invoke_result_t<F, HostTransaction&>;
    std::optional<R> result;
    auto done = run_erased(writable, [&](HostTransaction& transaction) {
      result.emplace(work(transaction));
      return result->ok();
    });
    if (!done.ok()) return std::move(done).error();
    return *std::move(result);
  }
};

/// One numbered migration: the SQL file's text, statements separated by ';' at line ends. Runs once, never
/// edited.
struct Migration {
  int number = 0;
  std::string name;
  std::string sql;
};

/// Applies what is missing, in order, under a lock, each in its own transaction, recorded in
/// `schema_migrations` (owner, number, name, sha256, applied_at). `owner` is "host" or a plugin's id; a
/// plugin may only create, alter or drop tables and indexes whose names begin with its id and '_'. An applied
/// migration whose text changed, a gap or a number from the future is an error that names it. Returns how
/// many ran. [may block]
Result<int> migrate(FirmDatabase& database, std::string_view owner, std::span<const Migration> migrations,
                    Timestamp now);

/// Splits one schema file into migrations: a line `-- migration N: name` begins each. [any thread]
Result<std::vector<Migration>> parse_migrations(std::string_view text, std::string_view file);

}  // namespace postern::db
