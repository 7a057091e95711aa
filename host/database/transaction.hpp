// An open transaction on one session. Made and ended by the firm's database (database.cpp).
#pragma once

#include <functional>
#include <vector>

#include "host/database/session.hpp"

namespace postern::db {

/// Lives while the caller's work runs; `session` outlives it. After the first failure every further statement
/// is refused with it, on both databases: PostgreSQL would refuse them anyway.
class OpenTransaction final : public HostTransaction {
 public:
  OpenTransaction(Session& session, Dialect dialect, bool writable, Timestamp begun);

  Code query(std::string_view sql, std::span<const Value> parameters, RowSink& rows,
             ErrorSink& error) override;
  Code execute(std::string_view sql, std::span<const Value> parameters, std::int64_t& changed,
               ErrorSink& error) override;
  bool writable() const noexcept override { return writable_; }

  Rows rows(std::string_view sql, std::initializer_list<Cell> parameters) override;
  Rows rows(std::string_view sql, std::span<const Cell> parameters) override;
  std::int64_t change(std::string_view sql, std::initializer_list<Cell> parameters) override;
  std::int64_t change(std::string_view sql, std::span<const Cell> parameters) override;
  Dialect dialect() const override { return dialect_; }
  void after_commit(std::function<void()> act) override { hooks_.push_back(std::move(act)); }

  std::vector<std::function<void()>> take_hooks() { return std::move(hooks_); }

 private:
  std::int64_t run(std::string_view sql, std::span<const Value> values, bool schema, RowSink* rows);
  void require_writable(std::string_view sql) const;

  Session& session_;
  Dialect dialect_;
  bool writable_;
  std::vector<std::function<void()>> hooks_;
};

}  // namespace postern::db
