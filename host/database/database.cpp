// The firm's database: opens the pool, and runs work in transactions that are repeated when the database asks
// for it.
#include "host/database/database.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <thread>

#include "host/database/pool.hpp"
#include "host/database/session.hpp"
#include "host/database/transaction.hpp"

namespace postern::db {

std::int64_t Cell::integer() const {
  if (kind_ == Value::Kind::text) throw std::logic_error("a text cell was read as an integer");
  return integer_;
}

const std::string& Cell::text() const {
  if (kind_ == Value::Kind::integer) throw std::logic_error("an integer cell was read as a text");
  return text_;
}

std::optional<Row> HostTransaction::row(std::string_view sql, std::initializer_list<Cell> parameters) {
  Rows all = rows(sql, parameters);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

namespace {

constexpr int kMostAttempts = 10;
constexpr std::chrono::seconds kLongestRetry{10};

/// The transactions this thread is in, innermost first: one inside another on the same database would wait
/// for itself.
struct Inside {
  explicit Inside(const void* database);
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside();
  const void* database;
  Inside* outer;
};
thread_local Inside* innermost = nullptr;

Inside::Inside(const void* entered) : database(entered), outer(innermost) {
  for (const Inside* other = innermost; other != nullptr; other = other->outer) {
    if (other->database == entered)
      throw std::logic_error("a transaction was begun inside another one on the same database");
  }
  innermost = this;
}
Inside::~Inside() { innermost = outer; }

/// 5, 10, 20, ... up to 1000 ms, each shortened at random by up to half so that two contenders part.
std::chrono::milliseconds pause_before(int attempt) {
  thread_local std::minstd_rand random(std::random_device{}());
  const int whole = std::min(1000, 5 << std::min(attempt, 10));
  return std::chrono::milliseconds(whole - static_cast<int>(random() % static_cast<unsigned>(whole / 2 + 1)));
}

class PooledDatabase final : public FirmDatabase {
 public:
  PooledDatabase(const Url& url, const Options& options, const Clock& clock)
      : dialect_(url.dialect),
        clock_(clock),
        wait_(options.wait_ms),
        pool_(connect_to(url, options.wait_ms), std::max(1U, options.sessions)) {}

  Dialect dialect() const override { return dialect_; }
  void connect_once() { pool_.take(deadline()); }

 protected:
  Result<void> run_erased(bool writable, const std::function<bool(HostTransaction&)>& work) override;

 private:
  using Hooks = std::vector<std::function<void()>>;

  static Connect connect_to(const Url& url, std::int64_t wait_ms) {
    return url.dialect == Dialect::sqlite ? sqlite_sessions(url.address, wait_ms)
                                          : postgresql_sessions(url.address, url.schema, wait_ms);
  }
  Deadline deadline() const { return std::chrono::steady_clock::now() + wait_; }
  Hooks attempt(bool writable, const std::function<bool(HostTransaction&)>& work);

  Dialect dialect_;
  const Clock& clock_;
  std::chrono::milliseconds wait_;
  Queue writers_{1};
  Pool pool_;
};

/// Rolls back, unless it was told that the transaction is over.
class Ending {
 public:
  explicit Ending(Session& session) : session_(session) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() {
    if (!over_) session_.rollback();
  }
  void commit() {
    over_ = true;  // a commit that fails has ended the transaction too
    session_.commit();
  }

 private:
  Session& session_;
  bool over_ = false;
};

PooledDatabase::Hooks PooledDatabase::attempt(bool writable,
                                              const std::function<bool(HostTransaction&)>& work) {
  const Deadline until = deadline();
  // The queue stands before the pool, so that waiting writers hold no sessions that readers could use.
  Place turn;
  if (writable) turn = Place(writers_, until, "other changes to the database took too long; try again");
  auto session = pool_.take(until);
  session->begin(writable);
  Ending ending(*session);
  OpenTransaction transaction(*session, dialect_, writable, clock_.now());
  const bool keep = work(transaction);
  const auto& failure = transaction.failure();
  if (failure && (keep || failure->retry())) throw *failure;
  if (!keep || !writable) return {};
  ending.commit();
  return transaction.take_hooks();
}

Result<void> PooledDatabase::run_erased(bool writable, const std::function<bool(HostTransaction&)>& work) {
  const auto give_up = std::chrono::steady_clock::now() + kLongestRetry;
  Hooks hooks;
  for (int tries = 1;; ++tries) {
    try {
      const Inside inside(this);
      hooks = attempt(writable, work);
      break;
    } catch (const Failure& failure) {
      const auto pause = pause_before(tries);
      const bool again =
          failure.retry() && tries < kMostAttempts && std::chrono::steady_clock::now() + pause < give_up;
      if (!again) return {failure.code(), failure.what()};
      std::this_thread::sleep_for(pause);
    }
  }
  for (const auto& act : hooks) act();
  return {};
}

}  // namespace

Result<std::unique_ptr<FirmDatabase>> FirmDatabase::open(const Options& options, const Clock& clock) {
  POSTERN_TRY(const Url url, parse_url(options.url));
  auto database = std::make_unique<PooledDatabase>(url, options, clock);
  try {
    database->connect_once();
  } catch (const Failure& failure) {
    return {failure.code(), "the database " + url.shown + " cannot be opened: " + failure.what()};
  }
  return std::unique_ptr<FirmDatabase>(std::move(database));
}

}  // namespace postern::db
