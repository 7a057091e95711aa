// PostgreSQL sessions. SOCI opens the connection and prepares the statements; values and rows go straight
// through libpq's handle, because SOCI 4.0 reads numeric (every sum of bigints) as double and knows no
// lengths of texts.
#include <poll.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <vector>

#include "host/database/session.hpp"
#include "host/database/sql.hpp"
#include "host/database/statement_cache.hpp"

namespace postern::db {
namespace {

constexpr std::size_t kMostStatements = 256;

// Types of columns, from PostgreSQL's catalog/pg_type.dat.
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kOid = 26, kFloat4 = 700,
              kFloat8 = 701, kNumeric = 1700;

struct Prepared {
  explicit Prepared(soci::session& session) : statement(session) {}
  soci::statement statement;
  std::string name;
  std::vector<std::string> names;
  Verb verb = Verb::select;
  bool busy = false;
  std::uint64_t used = 0;
};

class Running {
 public:
  explicit Running(Prepared& prepared) : prepared_(prepared) { prepared_.busy = true; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { prepared_.busy = false; }

 private:
  Prepared& prepared_;
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

/// Values as libpq wants them: integers as 8 bytes in network order, texts as they are, nothing copied.
class Bound {
 public:
  Bound(std::span<const Value> values, const std::vector<std::string>& names) {
    integers_.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Value& value = values[i];
      switch (value.kind) {
        case Value::Kind::null:
          add(nullptr, 0);
          break;
        case Value::Kind::integer:
          integers_.push_back(big_endian(value.integer));
          add(reinterpret_cast<const char*>(&integers_.back()), sizeof(std::uint64_t));
          break;
        case Value::Kind::text:
          require_text(value.text, names[i]);
          add(value.text.empty() ? "" : value.text.data(), value.text.size());
          break;
      }
    }
  }
  int size() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  static std::uint64_t big_endian(std::int64_t integer) {
    const auto value = static_cast<std::uint64_t>(integer);
    return std::endian::native == std::endian::big ? value : __builtin_bswap64(value);
  }
  void add(const char* bytes, std::size_t size) {
    if (size > INT32_MAX) throw Failure(Code::too_large, "a value is too large for the database", false);
    pointers_.push_back(bytes);
    lengths_.push_back(static_cast<int>(size));
    formats_.push_back(1);
  }
  std::vector<std::uint64_t> integers_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_, formats_;
};

/// An SQLSTATE as a failure (PostgreSQL's appendix A). What the server says of values is left out: it may
/// hold data.
Failure failure_of(std::string_view state, std::string_view said, std::string_view constraint,
                   std::string_view sql) {
  const std::string_view kind = state.substr(0, 2);
  const auto why = [&](std::string_view text) {
    return constraint.empty() ? std::string(text) : std::string(text) + ": " + std::string(constraint);
  };
  if (state == "23505") return Failure(Code::conflict, why("a unique constraint failed"), false);
  if (state == "23503") return Failure(Code::conflict, why("a foreign key constraint failed"), false);
  if (state == "40001" || state == "40P01" || state == "55P03") {
    return Failure(Code::unavailable, "the database is busy; try again", true);
  }
  if (kind == "08" || kind == "57")
    return Failure(Code::unavailable, "the connection to the database was lost", true);
  if (state == "53100") return Failure(Code::no_space, "there is no space left for the database", false);
  if (kind == "53")
    return Failure(Code::unavailable, "the database has no room for more work; try again", false);
  if (state == "0A000" || state == "26000") {  // a cached plan whose table has changed since
    return Failure(Code::unavailable, "the database's tables were changed; try again", true);
  }
  const std::string where = " (SQLSTATE " + std::string(state) + ") in \"" + excerpt(sql) + "\"";
  if (kind == "42")
    return Failure(Code::internal, std::string(said) + where, false);  // speaks of the SQL, never of values
  return Failure(Code::internal, why("the database refused a value or a state") + where, false);
}

std::string first_line(std::string_view text) {
  if (text.starts_with("ERROR:")) text.remove_prefix(6);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return std::string(text.substr(0, text.find('\n')));
}

/// "12", "12.000" -> 12: what sum() of bigints comes as.
std::optional<std::int64_t> whole_number(std::string_view text) {
  const std::string_view integer = text.substr(0, text.find('.'));
  if (text.size() > integer.size() + 1 &&
      text.find_first_not_of('0', integer.size() + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(integer.data(), integer.data() + integer.size(), value);
  if (error != std::errc{} || end != integer.data() + integer.size()) return std::nullopt;
  return value;
}

class PostgresqlSession final : public Session {
 public:
  PostgresqlSession(const std::string& address, const std::string& schema, std::int64_t wait_ms);

  void begin(bool writable) override;
  void commit() override;
  void rollback() noexcept override;
  std::int64_t run(std::string_view sql, std::span<const Value> values, Rights rights,
                   RowSink* rows) override;
  bool usable() noexcept override;

 private:
  static constexpr const char* kBeginRead = "begin isolation level repeatable read read only";

  void set_up(const std::string& schema, std::int64_t wait_ms);
  void require_setting(const char* name);
  Answer simple(const char* sql);
  Answer checked(PGresult* result, std::string_view sql);
  std::unique_ptr<Prepared> prepare(std::string_view sql, Statement statement);
  bool hand_row(const PGresult& result, int at, std::vector<Value>& row, RowSink& rows, std::string_view sql);
  Value value_at(const PGresult& result, int at, int column, std::string_view sql);

  soci::session session_;
  PGconn* connection_ = nullptr;
  StatementCache<Prepared> cache_{kMostStatements};
  std::string begin_write_;
  std::string key_;
  bool broken_ = false;
  bool stale_ = false;  // tables were changed since some statements were prepared
};

PostgresqlSession::PostgresqlSession(const std::string& address, const std::string& schema,
                                     std::int64_t wait_ms) {
  try {
    session_.open(*soci::factory_postgresql(), address);
  } catch (const soci::soci_error& error) {
    // Not the first line: that is SOCI's "Cannot establish connection to the database."
    const std::string said = error.get_error_message();
    const std::size_t line = said.find('\n');
    throw Failure(Code::unavailable, first_line(line == std::string::npos ? said : said.substr(line + 1)),
                  true);
  }
  connection_ = static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_;
  // Notices would go to standard error.
  PQsetNoticeReceiver(
      connection_, [](void*, const PGresult*) {}, nullptr);
  set_up(schema, wait_ms);
}

void PostgresqlSession::set_up(const std::string& schema, std::int64_t wait_ms) {
  for (const char* name : {"fsync", "full_page_writes", "synchronous_commit"}) require_setting(name);
  if (std::string_view(PQgetvalue(simple("show server_encoding").get(), 0, 0)) != "UTF8") {
    throw Failure(Code::unavailable, "PostgreSQL's server_encoding is not UTF8", false);
  }
  simple(
      "set client_encoding = 'UTF8'; set standard_conforming_strings = on; set timezone = 'UTC';"
      "set idle_in_transaction_session_timeout = '60s'");
  simple(("set lock_timeout = " + std::to_string(wait_ms)).c_str());
  // parse_url() lets only plain names through.
  simple(("set search_path = \"" + schema + "\"").c_str());
  const std::string key = "hashtextextended('postern writers of " + schema + "', 0)";
  begin_write_ = "begin isolation level read committed; select pg_advisory_xact_lock(" + key + ")";
  const std::string there = "select 1 from pg_namespace where nspname = '" + schema + "'";
  if (PQntuples(simple(there.c_str()).get()) > 0) return;
  begin(true);  // two hosts may start at once
  simple(("create schema if not exists \"" + schema + "\"").c_str());
  simple("commit");
}

void PostgresqlSession::require_setting(const char* name) {
  const auto answer = simple((std::string("show ") + name).c_str());
  if (std::string_view(PQgetvalue(answer.get(), 0, 0)) != "off") return;
  throw Failure(
      Code::unavailable,
      std::string("PostgreSQL's ") + name + " is off, and what it acknowledges could be lost; switch it on",
      false);
}

Answer PostgresqlSession::simple(const char* sql) { return checked(PQexec(connection_, sql), sql); }

Answer PostgresqlSession::checked(PGresult* result, std::string_view sql) {
  Answer answer(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return answer;
  if (PQstatus(connection_) != CONNECTION_OK) {
    broken_ = true;
    throw Failure(Code::unavailable, "the connection to the database was lost", true);
  }
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  if (state.starts_with("57")) broken_ = true;
  if (state == "0A000" || state == "26000") stale_ = true;
  throw failure_of(state, first_line(field(PG_DIAG_MESSAGE_PRIMARY)), field(PG_DIAG_CONSTRAINT_NAME), sql);
}

void PostgresqlSession::begin(bool writable) {
  if (std::exchange(stale_, false)) cache_.clear();
  simple(writable ? begin_write_.c_str() : kBeginRead);
}

void PostgresqlSession::commit() {
  Answer answer(PQexec(connection_, "commit"));
  if (PQstatus(connection_) != CONNECTION_OK) {
    broken_ = true;
    throw Failure(Code::unavailable,
                  "the connection to the database was lost while a change was being kept, and nobody knows "
                  "whether it was",
                  false);
  }
  answer = checked(answer.release(), "commit");
  // A transaction that failed before is answered so, without an error.
  if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") {
    throw Failure(Code::internal, "PostgreSQL rolled back a transaction that should have been kept", false);
  }
}

void PostgresqlSession::rollback() noexcept {
  if (broken_ || PQtransactionStatus(connection_) == PQTRANS_IDLE) return;
  const Answer answer(PQexec(connection_, "rollback"));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) broken_ = true;
}

bool PostgresqlSession::usable() noexcept {
  if (broken_ || PQstatus(connection_) != CONNECTION_OK || PQtransactionStatus(connection_) != PQTRANS_IDLE)
    return false;
  // Nothing is asked for now, so bytes to read are the server's farewell (or a notice, which costs a
  // reconnect at most).
  pollfd socket{PQsocket(connection_), POLLIN, 0};
  return ::poll(&socket, 1, 0) == 0;
}

std::int64_t PostgresqlSession::run(std::string_view sql, std::span<const Value> values, Rights rights,
                                    RowSink* rows) {
  // The kinds are part of the key: a statement is prepared with the types of its parameters.
  key_.assign(sql);
  key_ += '\0';
  for (const Value& value : values) key_ += static_cast<char>('0' + static_cast<int>(value.kind));
  std::unique_ptr<Prepared> own;
  Prepared* prepared = cache_.find(key_);
  if (prepared == nullptr) {
    Statement statement = rewrite(sql, Dialect::postgresql, values);
    require_rights(statement.verb, rights, sql);
    if (statement.verb == Verb::schema) {
      simple(statement.text.c_str());
      return 0;
    }
    own = prepare(sql, std::move(statement));
    prepared = own.get();
    own = cache_.add(key_, std::move(own));
  }
  require_rights(prepared->verb, rights, sql);
  const Running running(*prepared);
  const Bound bound(values, prepared->names);
  const Answer answer = checked(PQexecPrepared(connection_, prepared->name.c_str(), bound.size(),
                                               bound.pointers(), bound.lengths(), bound.formats(), 0),
                                sql);
  if (rows != nullptr) {
    std::vector<Value> row(static_cast<std::size_t>(PQnfields(answer.get())));
    for (int at = 0; at < PQntuples(answer.get()); ++at) {
      if (!hand_row(*answer, at, row, *rows, sql)) break;
    }
  }
  const std::string_view command = PQcmdStatus(answer.get());
  if (command.starts_with("SELECT")) return 0;
  return whole_number(PQcmdTuples(answer.get())).value_or(0);
}

std::unique_ptr<Prepared> PostgresqlSession::prepare(std::string_view sql, Statement statement) {
  auto prepared = std::make_unique<Prepared>(session_);
  try {
    prepared->statement.alloc();
    prepared->statement.prepare(statement.text);
  } catch (const soci::postgresql_soci_error& error) {
    if (PQstatus(connection_) != CONNECTION_OK) {
      broken_ = true;
      throw Failure(Code::unavailable, "the connection to the database was lost", true);
    }
    std::string said = error.get_error_message();
    if (const auto at = said.find("ERROR:"); at != std::string::npos) said.erase(0, at);
    throw failure_of(error.sqlstate(), first_line(said), "", sql);
  } catch (const soci::soci_error&) {
    broken_ = true;
    throw Failure(Code::unavailable, "the connection to the database was lost", true);
  }
  prepared->name =
      static_cast<soci::postgresql_statement_backend*>(prepared->statement.get_backend())->statementName_;
  prepared->names = std::move(statement.names);
  prepared->verb = statement.verb;
  return prepared;
}

bool PostgresqlSession::hand_row(const PGresult& result, int at, std::vector<Value>& row, RowSink& rows,
                                 std::string_view sql) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = value_at(result, at, static_cast<int>(i), sql);
  return rows.row(row);
}

Value PostgresqlSession::value_at(const PGresult& result, int at, int column, std::string_view sql) {
  if (PQgetisnull(&result, at, column) != 0) return {};
  const std::string_view text(PQgetvalue(&result, at, column),
                              static_cast<std::size_t>(PQgetlength(&result, at, column)));
  switch (PQftype(&result, column)) {
    case kBool:
      return {Value::Kind::integer, text == "t" ? 1 : 0, {}};
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
    case kNumeric:
      if (const auto value = whole_number(text)) return {Value::Kind::integer, *value, {}};
      [[fallthrough]];
    case kFloat4:
    case kFloat8:
    case kBytea:
      throw Failure(Code::internal,
                    "column " + std::to_string(column + 1) + " is neither an integer nor a text in \"" +
                        excerpt(sql) + "\"",
                    false);
    default:
      return {Value::Kind::text, 0, text};
  }
}

}  // namespace

Connect postgresql_sessions(std::string address, std::string schema, std::int64_t wait_ms) {
  return [address = std::move(address), schema = std::move(schema), wait_ms]() -> std::unique_ptr<Session> {
    return std::make_unique<PostgresqlSession>(address, schema, wait_ms);
  };
}

}  // namespace postern::db
