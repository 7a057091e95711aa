// Result<T>: how an expected failure travels. An exception means a bug or a broken machine.
// Layer 2 of the SDK: compiled into the host and into each plugin, never crosses the boundary.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "postern/code.hpp"

namespace postern {

/// Why something failed: for a program (code), for a person (message), and which field of the input, if one.
struct Error {
  Code code = Code::internal;
  std::string message;  // one sentence: the thing, what was found, what was wanted, what to do next
  std::string field;    // JSON pointer or form field the message is about; empty when about the whole
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  Result(Code code, std::string message, std::string field = {})
      : state_(std::in_place_index<1>, Error{code, std::move(message), std::move(field)}) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Precondition: ok(). A call without it throws std::bad_variant_access: a bug.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Precondition: !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }
  Code code() const { return ok() ? Code::ok : error().code; }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  Result(Code code, std::string message, std::string field = {})
      : error_(Error{code, std::move(message), std::move(field)}) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }
  Code code() const { return error_ ? error_->code : Code::ok; }

 private:
  std::optional<Error> error_;
};

}  // namespace postern

/// POSTERN_TRY(auto x, f()): x is f's value, or the enclosing function returns f's error.
#define POSTERN_TRY_CONCAT2(a, b) a##b
#define POSTERN_TRY_CONCAT(a, b) POSTERN_TRY_CONCAT2(a, b)
#define POSTERN_TRY(declaration, expression) \
  POSTERN_TRY_IMPL(declaration, expression, POSTERN_TRY_CONCAT(postern_try_, __COUNTER__))
#define POSTERN_TRY_IMPL(declaration, expression, holder) \
  auto holder = (expression);                             \
  if (!holder.ok()) return std::move(holder).error();     \
  declaration = *std::move(holder)

/// POSTERN_CHECK(f()): the enclosing function returns f's error, if there is one.
#define POSTERN_CHECK(expression)                                                                        \
  do {                                                                                                   \
    if (auto postern_check = (expression); !postern_check.ok()) return std::move(postern_check).error(); \
  } while (false)
