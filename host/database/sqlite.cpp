// SQLite sessions. SOCI opens the connection and owns the prepared statements; values and rows go straight
// through the back end's handle, because SOCI 4.0 types a dynamic row by the column's declaration: count(*)
// would come as text and a 64-bit integer through int.
#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "host/database/session.hpp"
#include "host/database/sql.hpp"
#include "host/database/statement_cache.hpp"

namespace postern::db {
namespace {

namespace api = sqlite_api;

constexpr std::size_t kMostStatements = 256;

struct Prepared {
  explicit Prepared(soci::session& session) : statement(session) {}
  soci::statement statement;
  api::sqlite3_stmt* handle = nullptr;
  std::vector<std::string> names;
  Verb verb = Verb::select;
  bool changes = false;
  bool busy = false;
  std::uint64_t used = 0;
  std::vector<Value> row;
};

/// Leaves a statement ready for the next use, however the last one ended; its values are not needed any more.
class Running {
 public:
  explicit Running(Prepared& prepared) : prepared_(prepared) { prepared_.busy = true; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    api::sqlite3_reset(prepared_.handle);
    api::sqlite3_clear_bindings(prepared_.handle);
    prepared_.busy = false;
  }

 private:
  Prepared& prepared_;
};

Failure failure_of(api::sqlite3* connection, std::string_view sql) {
  const int extended = api::sqlite3_extended_errcode(connection);
  const std::string said = api::sqlite3_errmsg(connection);
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Failure(Code::conflict, said, false);
    default:
      break;
  }
  switch (extended & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Failure(Code::unavailable, "the database is busy; try again", true);
    case SQLITE_FULL:
      return Failure(Code::no_space, "there is no space left for the database", false);
    case SQLITE_TOOBIG:
      return Failure(Code::too_large, "a value is too large for the database", false);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return Failure(Code::unavailable, "the database's file cannot be read or written: " + said, false);
    default:
      return Failure(Code::internal, said + " in \"" + excerpt(sql) + "\"", false);
  }
}

class SqliteSession final : public Session {
 public:
  SqliteSession(const std::string& path, std::int64_t wait_ms);

  void begin(bool writable) override { step(writable ? *begin_write_ : *begin_read_); }
  void commit() override;
  void rollback() noexcept override;
  std::int64_t run(std::string_view sql, std::span<const Value> values, Rights rights,
                   RowSink* rows) override;
  bool usable() noexcept override { return usable_; }

 private:
  void set_up(std::int64_t wait_ms);
  std::string pragma(const std::string& sql);
  void require_pragma(const std::string& name, const std::string& value, const std::string& answer);
  std::unique_ptr<Prepared> prepare(std::string_view sql, const std::string& text);
  std::unique_ptr<Prepared> prepare_own(const char* sql) { return prepare(sql, sql); }
  void step(Prepared& prepared);
  void bind(Prepared& prepared, std::span<const Value> values);
  bool hand_row(Prepared& prepared, RowSink& rows);

  soci::session session_;
  api::sqlite3* connection_ = nullptr;
  StatementCache<Prepared> cache_{kMostStatements};
  std::unique_ptr<Prepared> begin_read_, begin_write_, commit_, rollback_;
  bool usable_ = true;
};

SqliteSession::SqliteSession(const std::string& path, std::int64_t wait_ms) {
  // SOCI takes a text without '=' as the path; with one it wants key=value.
  const bool plain = path.find('=') == std::string::npos;
  try {
    session_.open(*soci::factory_sqlite3(), plain ? path : "dbname=\"" + path + "\"");
  } catch (const soci::soci_error& error) {
    throw Failure(Code::unavailable, error.get_error_message(), false);
  }
  connection_ = static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  set_up(wait_ms);
}

void SqliteSession::set_up(std::int64_t wait_ms) {
  api::sqlite3_extended_result_codes(connection_, 1);
  api::sqlite3_busy_timeout(connection_, static_cast<int>(wait_ms));
  // What PostgreSQL refuses is refused here too: "text" in double quotes as a literal.
  api::sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  api::sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  api::sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  require_pragma("journal_mode", "wal", "wal");
  require_pragma("synchronous", "full", "2");
  require_pragma("foreign_keys", "on", "1");
  require_pragma("temp_store", "memory", "2");
  // No mmap: it saves a tenth of a read at a million links, but counts the file as this process's memory once
  // for each session, and a failing disk would be a SIGBUS instead of an error.
  pragma("pragma cache_size = -4096");             // KiB, for each session
  pragma("pragma journal_size_limit = 67108864");  // bytes the log keeps after a checkpoint
  pragma("pragma case_sensitive_like = on");       // as PostgreSQL
  api::sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  begin_read_ = prepare_own("begin");
  begin_write_ = prepare_own("begin immediate");
  commit_ = prepare_own("commit");
  rollback_ = prepare_own("rollback");
}

std::string SqliteSession::pragma(const std::string& sql) {
  auto prepared = prepare(sql, sql);
  Running running(*prepared);
  std::string answer;
  int state = SQLITE_ROW;
  while ((state = api::sqlite3_step(prepared->handle)) == SQLITE_ROW) {
    const auto* text = api::sqlite3_column_text(prepared->handle, 0);
    if (text != nullptr) answer = reinterpret_cast<const char*>(text);
  }
  if (state != SQLITE_DONE) throw failure_of(connection_, sql);
  return answer;
}

void SqliteSession::require_pragma(const std::string& name, const std::string& value,
                                   const std::string& answer) {
  pragma("pragma " + name + " = " + value);
  const std::string found = pragma("pragma " + name);
  if (found == answer) return;
  throw Failure(Code::unavailable, "SQLite's " + name + " is " + found + " and does not become " + value,
                false);
}

std::unique_ptr<Prepared> SqliteSession::prepare(std::string_view sql, const std::string& text) {
  auto prepared = std::make_unique<Prepared>(session_);
  try {
    prepared->statement.alloc();
    prepared->statement.prepare(text);
  } catch (const soci::soci_error&) {
    throw failure_of(connection_, sql);
  }
  prepared->handle = static_cast<soci::sqlite3_statement_backend*>(prepared->statement.get_backend())->stmt_;
  prepared->changes = api::sqlite3_stmt_readonly(prepared->handle) == 0;
  return prepared;
}

void SqliteSession::step(Prepared& prepared) {
  Running running(prepared);
  if (api::sqlite3_step(prepared.handle) != SQLITE_DONE) {
    throw failure_of(connection_, api::sqlite3_sql(prepared.handle));
  }
}

void SqliteSession::commit() {
  try {
    step(*commit_);
  } catch (const Failure& failure) {
    const bool io = (api::sqlite3_extended_errcode(connection_) & 0xFF) == SQLITE_IOERR;
    rollback();
    if (!io) throw;
    usable_ = false;
    throw Failure(
        Code::unavailable,
        std::string("the disk failed while a change was being kept, and nobody knows whether it was: ") +
            failure.what(),
        false);
  }
}

void SqliteSession::rollback() noexcept {
  // Some errors (a full disk) have rolled back already.
  if (api::sqlite3_get_autocommit(connection_) != 0) return;
  try {
    step(*rollback_);
  } catch (const std::exception&) {
    usable_ = false;
  }
}

std::int64_t SqliteSession::run(std::string_view sql, std::span<const Value> values, Rights rights,
                                RowSink* rows) {
  std::unique_ptr<Prepared> own;
  Prepared* prepared = cache_.find(sql);
  if (prepared == nullptr) {
    Statement statement = rewrite(sql, Dialect::sqlite, values);
    require_rights(statement.verb, rights, sql);
    own = prepare(sql, statement.text);
    own->names = std::move(statement.names);
    own->verb = statement.verb;
    prepared = own.get();
    if (own->verb != Verb::schema) own = cache_.add(std::string(sql), std::move(own));
  }
  require_count(sql, prepared->names, values.size());
  require_rights(prepared->changes && prepared->verb == Verb::select ? Verb::change : prepared->verb, rights,
                 sql);
  Running running(*prepared);
  bind(*prepared, values);
  for (;;) {
    const int state = api::sqlite3_step(prepared->handle);
    if (state == SQLITE_DONE) break;
    if (state != SQLITE_ROW) throw failure_of(connection_, sql);
    if (rows != nullptr && !hand_row(*prepared, *rows)) break;
  }
  return prepared->changes && prepared->verb != Verb::schema ? api::sqlite3_changes64(connection_) : 0;
}

void SqliteSession::bind(Prepared& prepared, std::span<const Value> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int at = static_cast<int>(i) + 1;
    int state = SQLITE_OK;
    switch (values[i].kind) {
      case Value::Kind::null:
        state = api::sqlite3_bind_null(prepared.handle, at);
        break;
      case Value::Kind::integer:
        state = api::sqlite3_bind_int64(prepared.handle, at, values[i].integer);
        break;
      case Value::Kind::text: {
        require_text(values[i].text, prepared.names[i]);
        // A null pointer would bind NULL; the caller's text outlives the run, so nothing is copied.
        const char* text = values[i].text.empty() ? "" : values[i].text.data();
        state =
            api::sqlite3_bind_text64(prepared.handle, at, text, values[i].text.size(), nullptr, SQLITE_UTF8);
        break;
      }
    }
    if (state != SQLITE_OK) throw failure_of(connection_, api::sqlite3_sql(prepared.handle));
  }
}

bool SqliteSession::hand_row(Prepared& prepared, RowSink& rows) {
  // Asked each time: SQLite prepares anew by itself when a table has changed.
  prepared.row.resize(static_cast<std::size_t>(api::sqlite3_data_count(prepared.handle)));
  for (std::size_t i = 0; i < prepared.row.size(); ++i) {
    const int at = static_cast<int>(i);
    switch (api::sqlite3_column_type(prepared.handle, at)) {
      case SQLITE_NULL:
        prepared.row[i] = Value{};
        break;
      case SQLITE_INTEGER:
        prepared.row[i] = {Value::Kind::integer, api::sqlite3_column_int64(prepared.handle, at), {}};
        break;
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(api::sqlite3_column_text(prepared.handle, at));
        const auto size = static_cast<std::size_t>(api::sqlite3_column_bytes(prepared.handle, at));
        prepared.row[i] = {Value::Kind::text, 0, {text, size}};
        break;
      }
      default:
        throw Failure(Code::internal,
                      "column " + std::to_string(i + 1) + " is neither an integer nor a text in \"" +
                          excerpt(api::sqlite3_sql(prepared.handle)) + "\"",
                      false);
    }
  }
  return rows.row(prepared.row);
}

/// An empty file that only its owner may read; SQLite gives its log the same rights. A file that is there is
/// never opened here: closing it would drop the locks of this process's other connections (POSIX fcntl).
void make_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) {
    ::close(file);
  } else if (errno != EEXIST) {
    throw Failure(Code::unavailable, std::strerror(errno), false);
  }
}

}  // namespace

Connect sqlite_sessions(std::string path, std::int64_t wait_ms) {
  return [path = std::move(path), wait_ms]() -> std::unique_ptr<Session> {
    make_file(path);
    return std::make_unique<SqliteSession>(path, wait_ms);
  };
}

}  // namespace postern::db
