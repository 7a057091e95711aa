// Reads SQL text just far enough to carry it to both databases: finds parameters, statement ends and the
// leading verb, and leaves everything inside literals, quoted names and comments alone. Used by the sessions
// and by migrations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/database/database.hpp"

namespace postern::db {

enum class TokenKind : std::uint8_t {
  space,
  comment,
  word,
  number,
  literal,
  quoted_name,
  parameter,
  semicolon,
  sign
};

/// A piece of SQL text; `text` views into what was given to Tokens. A parameter's text begins with its colon.
struct SqlToken {
  TokenKind kind = TokenKind::sign;
  std::string_view text;
};

/// Walks SQL text token by token. An unclosed literal or comment runs to the end. One object, one thread.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : rest_(sql) {}
  std::optional<SqlToken> next();

 private:
  std::size_t length_of_next(TokenKind& kind) const;
  std::string_view rest_;
};

/// What a statement does, by its first word.
enum class Verb : std::uint8_t { select, change, schema, forbidden };

/// A single statement in one database's own notation.
struct Statement {
  std::string text;  // comments gone, parameters as `?` or `$1::bigint`
  std::vector<std::string>
      names;  // of the parameters, without colon, in order; a name used twice stands here twice
  Verb verb = Verb::forbidden;
};

/// Rewrites `sql` for `dialect`. On PostgreSQL each parameter is given the type of its value, so that an
/// integer is a bigint wherever it stands. Throws Failure(internal) for text that is not exactly one
/// statement, for parameters written in any other way than `:name` and for a number of values that does not
/// fit. [any thread]
Statement rewrite(std::string_view sql, Dialect dialect, std::span<const Value> values);

/// Throws Failure(internal) that says how many values `sql` wants and got. [any thread]
void require_count(std::string_view sql, const std::vector<std::string>& names, std::size_t given);

/// Throws Failure(invalid) when a text holds a NUL byte or is not UTF-8: PostgreSQL keeps neither. [any
/// thread]
void require_text(std::string_view text, std::string_view name);

/// Statements of a script in order, comments and blank statements dropped, without their semicolons. [any
/// thread]
std::vector<std::string> split_script(std::string_view script);

/// The start of `sql` on one line, for messages. [any thread]
std::string excerpt(std::string_view sql);

/// ASCII lower case. [any thread]
std::string lower(std::string_view text);

}  // namespace postern::db
