// FakeDatabase: the Database service on an SQLite database in memory, so that a plugin's SQL really runs in
// its tests. Needs libsqlite3-dev and SQLite::SQLite3 (postern::testing links it).
//
// One transaction at a time: the second one waits when it first touches a service. The other fakes keep their
// changes in the same transaction and take them back when it is rolled back.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postern/database.hpp"
#include "postern/rows.hpp"
#include "postern/testing/fault.hpp"

namespace postern::testing {

class FakeDatabase;

/// Rolled back unless commit() is called. Belongs to one thread.
class FakeTransaction final : public Transaction {
 public:
  FakeTransaction(FakeDatabase& database, bool writable) : database_(database), writable_(writable) {}
  FakeTransaction(const FakeTransaction&) = delete;
  FakeTransaction& operator=(const FakeTransaction&) = delete;
  ~FakeTransaction() { roll_back(); }

  Code query(std::string_view sql, std::span<const Value> parameters, RowSink& rows,
             ErrorSink& error) override;
  Code execute(std::string_view sql, std::span<const Value> parameters, std::int64_t& changed,
               ErrorSink& error) override;
  bool writable() const noexcept override { return writable_; }

  void commit();
  void roll_back();
  /// For fakes: waits for the transaction's turn. `undo` puts back what the fake is about to change.
  void enter();
  void enter(std::function<void()> undo) {
    enter();
    undo_.push_back(std::move(undo));
  }

 private:
  FakeDatabase& database_;
  bool writable_;
  std::unique_lock<std::mutex> turn_;
  std::vector<std::function<void()>> undo_;
};

/// The fake's side of a Transaction that a plugin handed back: every one is ours.
inline FakeTransaction& fake(Transaction& transaction) { return static_cast<FakeTransaction&>(transaction); }

/// [any thread, concurrent]
class FakeDatabase final : public Database, public Faults {
 public:
  FakeDatabase() : Faults(kId) {
    if (sqlite3_open(":memory:", &handle_) != SQLITE_OK) throw std::runtime_error("no memory for SQLite");
    run("pragma foreign_keys = on");
  }
  FakeDatabase(const FakeDatabase&) = delete;
  FakeDatabase& operator=(const FakeDatabase&) = delete;
  ~FakeDatabase() { sqlite3_close(handle_); }

  /// Runs a plugin's schema.sql. A mistake in it throws std::runtime_error.
  void apply(const std::string& schema) { run(schema.c_str()); }

  Code transact(TransactionBody& body, ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    FakeTransaction transaction(*this, true);
    Code code = body.run(transaction, error);
    if (code == Code::ok) transaction.commit();
    return code;
  }

  /// For tests: `check(Tx)` in a transaction of its own, committed.
  template <class F>
  auto look(F&& check) {
    FakeTransaction transaction(*this, true);
    if constexpr (std::is_void_v<std::invoke_result_t<F, Tx>>) {
      check(Tx(transaction));
      transaction.commit();
    } else {
      auto result = check(Tx(transaction));
      transaction.commit();
      return result;
    }
  }

 private:
  friend class FakeTransaction;

  void run(const char* sql) {
    char* message = nullptr;
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, &message) == SQLITE_OK) return;
    std::string text = message == nullptr ? "unknown" : message;
    sqlite3_free(message);
    throw std::runtime_error("SQLite: " + text);
  }

  Code statement(std::string_view sql, std::span<const Value> parameters, bool writable, RowSink* rows,
                 std::int64_t& changed, ErrorSink& error);
  Code failure(ErrorSink& error) {
    int code = sqlite3_errcode(handle_);
    return fail(error, code == SQLITE_CONSTRAINT ? Code::conflict : Code::internal, sqlite3_errmsg(handle_));
  }

  sqlite3* handle_ = nullptr;
  std::mutex mutex_;
};

namespace detail {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

inline int bind(sqlite3_stmt* statement, int at, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return sqlite3_bind_null(statement, at);
    case Value::Kind::integer:
      return sqlite3_bind_int64(statement, at, value.integer);
    case Value::Kind::text:
      return sqlite3_bind_text(statement, at, value.text.data(), static_cast<int>(value.text.size()),
                               SQLITE_TRANSIENT);
  }
  return SQLITE_MISUSE;
}

/// Views that live until the statement's next step. False: a float or bytes, which the boundary does not
/// carry.
inline bool read_row(sqlite3_stmt* statement, std::vector<Value>& values) {
  values.clear();
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    int type = sqlite3_column_type(statement, i);
    if (type == SQLITE_INTEGER) {
      values.push_back({Value::Kind::integer, sqlite3_column_int64(statement, i), {}});
    } else if (type == SQLITE_TEXT) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      values.push_back(
          {Value::Kind::text, 0, {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, i))}});
    } else if (type == SQLITE_NULL) {
      values.push_back({});
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace detail

inline Code FakeDatabase::statement(std::string_view sql, std::span<const Value> parameters, bool writable,
                                    RowSink* rows, std::int64_t& changed, ErrorSink& error) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK) {
    return failure(error);
  }
  std::unique_ptr<sqlite3_stmt, detail::Finalize> statement(raw);
  if (!writable && sqlite3_stmt_readonly(raw) == 0) {
    return fail(error, Code::internal, "the transaction of a GET may not change anything");
  }
  auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(raw));
  if (wanted != parameters.size()) {
    return fail(error, Code::internal,
                "the statement has " + std::to_string(wanted) + " parameters, " +
                    std::to_string(parameters.size()) + " values were given");
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (detail::bind(raw, static_cast<int>(i) + 1, parameters[i]) != SQLITE_OK) return failure(error);
  }
  std::vector<Value> values;
  bool more = true;
  int step = SQLITE_DONE;
  while (more && (step = sqlite3_step(raw)) == SQLITE_ROW) {
    if (!detail::read_row(raw, values))
      return fail(error, Code::internal, "a column is neither an integer nor a text");
    if (rows != nullptr) more = rows->row(values);
  }
  if (more && step != SQLITE_DONE) return failure(error);
  changed = sqlite3_changes(handle_);
  return Code::ok;
}

inline void FakeTransaction::enter() {
  if (turn_.owns_lock()) return;
  turn_ = std::unique_lock(database_.mutex_);
  database_.run("begin");
}

inline void FakeTransaction::commit() {
  if (!turn_.owns_lock()) return;
  database_.run("commit");
  undo_.clear();
  turn_.unlock();
}

inline void FakeTransaction::roll_back() {
  if (!turn_.owns_lock()) return;
  database_.run("rollback");
  while (!undo_.empty()) {
    undo_.back()();
    undo_.pop_back();
  }
  turn_.unlock();
}

inline Code FakeTransaction::query(std::string_view sql, std::span<const Value> parameters, RowSink& rows,
                                   ErrorSink& error) {
  enter();
  if (Code code = database_.strike(error); code != Code::ok) return code;
  std::int64_t changed = 0;
  return database_.statement(sql, parameters, writable_, &rows, changed, error);
}

inline Code FakeTransaction::execute(std::string_view sql, std::span<const Value> parameters,
                                     std::int64_t& changed, ErrorSink& error) {
  enter();
  if (Code code = database_.strike(error); code != Code::ok) return code;
  return database_.statement(sql, parameters, writable_, nullptr, changed, error);
}

}  // namespace postern::testing
