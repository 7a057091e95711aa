// SQL in comfort: parameters from plain values, rows that own their text, failures as Result.
// Layer 2: compiled into the plugin, never crosses the boundary.
//
//   POSTERN_TRY(auto found, tx.row("select title, due from ack_requests where id = :id", {id}));
//   if (!found) return {Code::not_found, "there is no such request"};
//   auto [title, due] = found->as<std::string, std::optional<Timestamp>>();
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "postern/database.hpp"
#include "postern/result.hpp"
#include "postern/time.hpp"

namespace postern {

/// Keeps the sentence that a service or the host gives with a failure.
class KeptError final : public ErrorSink {
 public:
  void error(Code code, std::string_view message, std::string_view field) noexcept override {
    try {
      kept_ = Error{code, std::string(message), std::string(field)};
    } catch (...) {  // no memory for the sentence: the code alone travels on
      kept_.code = code;
    }
  }
  /// The failure as a value; `code` is what the call returned, which is what counts.
  Error take(Code code) {
    kept_.code = code;
    return std::move(kept_);
  }

 private:
  Error kept_;
};

/// Runs the body of a sink. What it throws waits until the call is back in the plugin: no exception travels
/// through the host.
class SinkGuard {
 public:
  template <class F>
  bool run(F&& body) noexcept {
    try {
      body();
      return true;
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }
  void rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 private:
  std::exception_ptr thrown_;
};

/// A value given to SQL. It views the text it was made from: it lives for the call only.
class Parameter {
 public:
  Parameter(std::nullptr_t) {}
  Parameter(std::integral auto number)
      : value_{Value::Kind::integer, static_cast<std::int64_t>(number), {}} {}
  Parameter(Timestamp time) : Parameter(time.ms) {}
  Parameter(std::string_view text) : value_{Value::Kind::text, 0, text} {}
  Parameter(const std::string& text) : Parameter(std::string_view(text)) {}
  Parameter(const char* text) : Parameter(std::string_view(text)) {}
  template <class T>
  Parameter(const std::optional<T>& value) {
    if (value) value_ = Parameter(*value).value_;
  }
  const Value& value() const { return value_; }

 private:
  Value value_;
};

using Parameters = std::initializer_list<Parameter>;

/// One row. Reading a column as what it is not is a bug of the SQL beside it: std::logic_error, which the
/// fence reports.
class Row {
 public:
  explicit Row(std::span<const Value> values) {
    cells_.reserve(values.size());
    for (const auto& value : values) cells_.push_back({value.kind, value.integer, std::string(value.text)});
  }

  std::size_t size() const { return cells_.size(); }
  bool is_null(std::size_t column) const { return at(column).kind == Value::Kind::null; }
  const std::string& text(std::size_t column) const {
    return of_kind(column, Value::Kind::text, "a text").text;
  }
  std::int64_t integer(std::size_t column) const {
    return of_kind(column, Value::Kind::integer, "an integer").integer;
  }
  bool flag(std::size_t column) const { return integer(column) != 0; }
  Timestamp time(std::size_t column) const { return {integer(column)}; }

  /// A column as std::string, an integer type, bool, Timestamp, or std::optional of one of them (null:
  /// empty).
  template <class T>
  T get(std::size_t column) const {
    if constexpr (IsOptional<T>::value) {
      if (is_null(column)) return std::nullopt;
      return get<typename T::value_type>(column);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return text(column);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      return time(column);
    } else if constexpr (std::is_same_v<T, bool>) {
      return flag(column);
    } else {
      static_assert(std::integral<T>, "a column is a std::string, an integer, a bool or a Timestamp");
      auto number = integer(column);
      if (!std::in_range<T>(number)) throw std::logic_error(place(column) + " does not fit its type");
      return static_cast<T>(number);
    }
  }

  /// All columns, in order: `auto [id, due] = row.as<std::string, Timestamp>();`
  template <class... T>
  std::tuple<T...> as() const {
    if (sizeof...(T) != size()) {
      throw std::logic_error("the row has " + std::to_string(size()) + " columns, " +
                             std::to_string(sizeof...(T)) + " were asked for");
    }
    return [this]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<T...>{this->template get<T>(I)...};
    }
    (std::index_sequence_for<T...>());
  }

 private:
  struct Cell {
    Value::Kind kind;
    std::int64_t integer;
    std::string text;
  };
  template <class T>
  struct IsOptional : std::false_type {};
  template <class T>
  struct IsOptional<std::optional<T>> : std::true_type {};

  static std::string place(std::size_t column) { return "column " + std::to_string(column); }
  const Cell& at(std::size_t column) const {
    if (column >= size()) throw std::logic_error(place(column) + " of a row of " + std::to_string(size()));
    return cells_[column];
  }
  const Cell& of_kind(std::size_t column, Value::Kind kind, const char* wanted) const {
    const auto& cell = at(column);
    if (cell.kind != kind) {
      throw std::logic_error(place(column) + " is read as " + wanted + ", but it is " +
                             (cell.kind == Value::Kind::null ? "null" : "of the other kind"));
    }
    return cell;
  }

  std::vector<Cell> cells_;
};

using Rows = std::vector<Row>;

/// A Transaction with SQL in comfort. Converts back to the Transaction that services ask for. Valid as long
/// as that is.
class Tx {
 public:
  explicit Tx(Transaction& transaction) : transaction_(&transaction) {}
  operator Transaction&() const { return *transaction_; }
  bool writable() const { return transaction_->writable(); }

  /// Every row. [may block]
  Result<Rows> rows(std::string_view sql, Parameters parameters = {}) const {
    Collect collect;
    POSTERN_CHECK(run(sql, parameters, collect));
    return std::move(collect.rows);
  }

  /// The first row, if there is one. [may block]
  Result<std::optional<Row>> row(std::string_view sql, Parameters parameters = {}) const {
    Collect collect;
    collect.most = 1;
    POSTERN_CHECK(run(sql, parameters, collect));
    if (collect.rows.empty()) return std::optional<Row>();
    return std::optional<Row>(std::move(collect.rows.front()));
  }

  /// A change; how many rows it touched. A broken uniqueness is Code::conflict. [may block]
  Result<std::int64_t> execute(std::string_view sql, Parameters parameters = {}) const {
    std::int64_t changed = 0;
    KeptError error;
    Code code = transaction_->execute(sql, values(parameters), changed, error);
    if (code != Code::ok) return error.take(code);
    return changed;
  }

 private:
  class Collect final : public RowSink {
   public:
    bool row(std::span<const Value> values) override {
      return guard.run([&] { rows.emplace_back(values); }) && (most == 0 || rows.size() < most);
    }
    SinkGuard guard;
    Rows rows;
    std::size_t most = 0;  // 0: all
  };

  static std::vector<Value> values(Parameters parameters) {
    std::vector<Value> out;
    out.reserve(parameters.size());
    for (const auto& parameter : parameters) out.push_back(parameter.value());
    return out;
  }

  Result<void> run(std::string_view sql, Parameters parameters, Collect& sink) const {
    KeptError error;
    Code code = transaction_->query(sql, values(parameters), sink, error);
    sink.guard.rethrow();
    if (code != Code::ok) return error.take(code);
    return {};
  }

  Transaction* transaction_;
};

}  // namespace postern
