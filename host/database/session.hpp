// One connection to a database, as the pool and transactions see it; sqlite.cpp and postgresql.cpp implement
// it. A session is used by one thread at a time and knows nothing of pools, retries or clocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "host/database/database.hpp"

namespace postern::db {

/// What a statement may do.
struct Rights {
  bool change = false;  // insert, update, delete
  bool schema = false;  // create, alter, drop
};

class Session {
 public:
  virtual ~Session() = default;
  /// Begins; a writing transaction waits here until no other writes to the firm's database. Throws Failure.
  virtual void begin(bool writable) = 0;
  /// Throws Failure: with retry() when the transaction certainly was not kept; without it and with
  /// Code::unavailable when nobody knows.
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  /// Runs one statement and hands its rows to `rows`, which may run further statements on this session.
  /// Returns how many rows it changed, 0 for a select. Throws Failure, and whatever `rows` throws.
  virtual std::int64_t run(std::string_view sql, std::span<const Value> values, Rights rights,
                           RowSink* rows) = 0;
  /// False when the connection is gone or in a state nobody should inherit. Costs no round trip.
  virtual bool usable() noexcept = 0;
};

/// Connects; throws Failure.
using Connect = std::function<std::unique_ptr<Session>()>;

/// What an URL names. `address` is for the back end; `shown` is without its password.
struct Url {
  Dialect dialect = Dialect::sqlite;
  std::string address;  // a path, or a postgresql:// URL without ?schema=
  std::string schema;   // PostgreSQL only
  std::string shown;
};
Result<Url> parse_url(std::string_view url);

/// `path` is made (0600) when it is missing. `wait_ms`: how long another process may hold the file.
Connect sqlite_sessions(std::string path, std::int64_t wait_ms);
/// `wait_ms`: how long another host may hold the schema's writer lock.
Connect postgresql_sessions(std::string address, std::string schema, std::int64_t wait_ms);

/// Makes sure that `rights` cover what a statement of this verb does; throws Failure(internal).
enum class Verb : std::uint8_t;
void require_rights(Verb verb, Rights rights, std::string_view sql);

}  // namespace postern::db
