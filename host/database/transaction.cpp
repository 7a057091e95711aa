#include "host/database/transaction.hpp"

#include <array>

#include "host/database/sql.hpp"

namespace postern::db {
namespace {

/// Views of cells; on the stack for all statements of ordinary width.
class Views {
 public:
  explicit Views(std::span<const Cell> cells) : size_(cells.size()) {
    if (size_ > few_.size()) many_.resize(size_);
    Value* at = size_ > few_.size() ? many_.data() : few_.data();
    for (const Cell& cell : cells) *at++ = cell.view();
  }
  std::span<const Value> span() const { return {size_ > few_.size() ? many_.data() : few_.data(), size_}; }

 private:
  std::size_t size_;
  std::array<Value, 24> few_;
  std::vector<Value> many_;
};

class Collected final : public RowSink {
 public:
  bool row(std::span<const Value> values) override {
    Row& cells = rows.emplace_back();
    cells.reserve(values.size());
    for (const Value& value : values) {
      switch (value.kind) {
        case Value::Kind::null:
          cells.emplace_back();
          break;
        case Value::Kind::integer:
          cells.emplace_back(value.integer);
          break;
        case Value::Kind::text:
          cells.emplace_back(value.text);
          break;
      }
    }
    return true;
  }
  Rows rows;
};

}  // namespace

void require_rights(Verb verb, Rights rights, std::string_view sql) {
  const auto refuse = [&](std::string_view why) {
    throw Failure(Code::internal, std::string(why) + ": \"" + excerpt(sql) + "\"", false);
  };
  switch (verb) {
    case Verb::select:
      return;
    case Verb::change:
      if (!rights.change) refuse("this transaction only reads, so it refuses");
      return;
    case Verb::schema:
      if (!rights.schema) refuse("tables are changed by migrations only, so this is refused");
      return;
    case Verb::forbidden:
      refuse("only select, values, with, insert, update and delete are run here, so this is refused");
  }
}

OpenTransaction::OpenTransaction(Session& session, Dialect dialect, bool writable, Timestamp begun)
    : session_(session), dialect_(dialect), writable_(writable) {
  now = begun;
}

std::int64_t OpenTransaction::run(std::string_view sql, std::span<const Value> values, bool schema,
                                  RowSink* rows) {
  if (failure()) throw *failure();
  try {
    return session_.run(sql, values, {.change = writable_, .schema = schema && writable_}, rows);
  } catch (const Failure& failure) {
    failed(failure);
    throw;
  }
}

void OpenTransaction::require_writable(std::string_view sql) const {
  if (!writable_) require_rights(Verb::change, {}, sql);
}

Code OpenTransaction::query(std::string_view sql, std::span<const Value> parameters, RowSink& rows,
                            ErrorSink& error) {
  try {
    run(sql, parameters, false, &rows);
    return Code::ok;
  } catch (const Failure& failure) {
    error.error(failure.code(), failure.what(), {});
    return failure.code();
  }
}

Code OpenTransaction::execute(std::string_view sql, std::span<const Value> parameters, std::int64_t& changed,
                              ErrorSink& error) {
  try {
    require_writable(sql);
    changed = run(sql, parameters, false, nullptr);
    return Code::ok;
  } catch (const Failure& failure) {
    failed(failure);
    error.error(failure.code(), failure.what(), {});
    return failure.code();
  }
}

Rows OpenTransaction::rows(std::string_view sql, std::initializer_list<Cell> parameters) {
  return rows(sql, std::span(parameters.begin(), parameters.size()));
}

Rows OpenTransaction::rows(std::string_view sql, std::span<const Cell> parameters) {
  Collected collected;
  run(sql, Views(parameters).span(), false, &collected);
  return std::move(collected.rows);
}

std::int64_t OpenTransaction::change(std::string_view sql, std::initializer_list<Cell> parameters) {
  return change(sql, std::span(parameters.begin(), parameters.size()));
}

std::int64_t OpenTransaction::change(std::string_view sql, std::span<const Cell> parameters) {
  require_writable(sql);
  return run(sql, Views(parameters).span(), true, nullptr);
}

}  // namespace postern::db
