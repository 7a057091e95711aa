// The Database service: a plugin's own tables in its firm's database. One concept here carries the whole
// product: a Transaction is the first parameter of every service call that writes, so that everything a
// request does is kept together or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "postern/code.hpp"

namespace postern {

/// Receives the one sentence that explains a failure. Host- or glue-owned, valid for the call. [the calling
/// thread]
class ErrorSink {
 public:
  virtual void error(Code code, std::string_view message, std::string_view field) noexcept = 0;

 protected:
  ~ErrorSink() = default;
};

/// One value of a row or a parameter. Text is UTF-8; times, money and flags are integers; there are no
/// floats.
struct Value {
  enum class Kind : std::uint32_t { null = 0, integer = 1, text = 2 };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  std::string_view text;  // of the caller; valid for the call
};
static_assert(sizeof(Value) == 32, "Value crosses the plugin boundary");

/// Receives the rows of a query in order. `values` live for the call. False ends the query early. [the
/// calling thread]
class RowSink {
 public:
  virtual bool row(std::span<const Value> values) = 0;

 protected:
  ~RowSink() = default;
};

/// An open transaction on the firm's database. Host-owned; valid until the call that handed it out returns.
/// Not thread-safe: it belongs to the thread that got it.
///
/// SQL names parameters as `:name`; values are given in the order in which the names stand in the text. The
/// same SQL runs on SQLite and PostgreSQL. An integer column is declared `bigint`.
class Transaction {
 public:
  /// Runs a select (or insert/update … returning) and hands each row to `rows`. [may block]
  virtual Code query(std::string_view sql, std::span<const Value> parameters, RowSink& rows,
                     ErrorSink& error) = 0;
  /// Runs a change; `changed` is the number of rows it touched. A broken uniqueness is Code::conflict. [may
  /// block]
  virtual Code execute(std::string_view sql, std::span<const Value> parameters, std::int64_t& changed,
                       ErrorSink& error) = 0;
  /// False in the transaction of a GET: execute() then fails with Code::internal.
  virtual bool writable() const noexcept = 0;

 protected:
  ~Transaction() = default;
};

/// Work done inside a transaction. It may run more than once: the host repeats it when the database could not
/// serialise it, so it must touch nothing but the transaction and its own results.
class TransactionBody {
 public:
  /// Anything but Code::ok rolls back. [the thread that called transact()]
  virtual Code run(Transaction& transaction, ErrorSink& error) = 0;

 protected:
  ~TransactionBody() = default;
};

/// Service "database/1". [any thread, concurrent]
class Database {
 public:
  static constexpr std::string_view kId = "database/1";
  /// Runs `body` in a transaction and commits. Only needed outside a door: a door's request already carries
  /// one.
  virtual Code transact(TransactionBody& body, ErrorSink& error) = 0;

 protected:
  ~Database() = default;
};

}  // namespace postern
