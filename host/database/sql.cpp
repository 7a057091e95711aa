#include "host/database/sql.hpp"

#include <algorithm>
#include <array>

namespace postern::db {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

std::size_t run_length(std::string_view text, bool (*belongs)(char)) {
  std::size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  return length;
}

// Including the closing quote; a doubled quote stands for itself.
std::size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != quote) continue;
    if (at + 1 < text.size() && text[at + 1] == quote) {
      ++at;
    } else {
      return at + 1;
    }
  }
  return text.size();
}

std::size_t until(std::string_view text, std::string_view end) {
  const std::size_t found = text.find(end, 2);
  return found == std::string_view::npos ? text.size() : found + end.size();
}

Verb verb_of(std::string_view word) {
  const std::string name = lower(word);
  if (name == "select" || name == "values" || name == "with") return Verb::select;
  if (name == "insert" || name == "update" || name == "delete") return Verb::change;
  if (name == "create" || name == "alter" || name == "drop") return Verb::schema;
  return Verb::forbidden;
}

std::string placeholder(Dialect dialect, std::size_t number, std::span<const Value> values) {
  if (dialect == Dialect::sqlite) return "?";
  std::string text = "$" + std::to_string(number);
  if (number > values.size()) return text;
  switch (values[number - 1].kind) {
    case Value::Kind::integer:
      return text + "::bigint";
    case Value::Kind::text:
      return text + "::text";
    case Value::Kind::null:
      break;
  }
  return text;
}

[[noreturn]] void refuse(std::string_view sql, std::string_view why) {
  throw Failure(Code::internal, std::string(why) + " in \"" + excerpt(sql) + "\"", false);
}

}  // namespace

std::optional<SqlToken> Tokens::next() {
  if (rest_.empty()) return std::nullopt;
  SqlToken token;
  const std::size_t length = length_of_next(token.kind);
  token.text = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return token;
}

std::size_t Tokens::length_of_next(TokenKind& kind) const {
  const char first = rest_.front();
  const char second = rest_.size() > 1 ? rest_[1] : '\0';
  if (is_space(first)) return kind = TokenKind::space, run_length(rest_, is_space);
  if (first == '-' && second == '-')
    return kind = TokenKind::comment, std::min(rest_.find('\n'), rest_.size());
  if (first == '/' && second == '*') return kind = TokenKind::comment, until(rest_, "*/");
  if (first == '\'') return kind = TokenKind::literal, quoted_length(rest_);
  if (first == '"') return kind = TokenKind::quoted_name, quoted_length(rest_);
  if (first == ';') return kind = TokenKind::semicolon, 1;
  if (is_letter(first)) {
    kind = TokenKind::word;
    return run_length(rest_, [](char c) { return is_letter(c) || is_digit(c); });
  }
  if (is_digit(first)) return kind = TokenKind::number, run_length(rest_, is_digit);
  if (first == ':' && is_letter(second)) {
    kind = TokenKind::parameter;
    return 1 + run_length(rest_.substr(1), [](char c) { return is_letter(c) || is_digit(c); });
  }
  kind = TokenKind::sign;
  return first == ':' && (second == ':' || second == '=') ? 2 : 1;  // a cast's colons never begin a parameter
}

Statement rewrite(std::string_view sql, Dialect dialect, std::span<const Value> values) {
  Statement statement;
  bool begun = false;
  bool ended = false;
  Tokens tokens(sql);
  while (auto token = tokens.next()) {
    if (token->kind == TokenKind::space || token->kind == TokenKind::comment) {
      if (begun && statement.text.back() != ' ') statement.text += ' ';
      continue;
    }
    if (token->kind == TokenKind::semicolon) {
      ended = true;
      continue;
    }
    if (ended) refuse(sql, "more than one statement");
    if (!begun) statement.verb = verb_of(token->text);
    begun = true;
    if (token->kind == TokenKind::parameter) {
      statement.names.emplace_back(token->text.substr(1));
      statement.text += placeholder(dialect, statement.names.size(), values);
    } else {
      const char sign = token->text.front();
      if (token->kind == TokenKind::sign && (sign == '?' || sign == '$' || sign == '@')) {
        refuse(sql, "a parameter that is not written :name");
      }
      statement.text += token->text;
    }
  }
  if (!begun) refuse(sql, "no statement");
  require_count(sql, statement.names, values.size());
  return statement;
}

void require_count(std::string_view sql, const std::vector<std::string>& names, std::size_t given) {
  if (names.size() == given) return;
  std::string list;
  for (const auto& name : names) list += (list.empty() ? ":" : ", :") + name;
  throw Failure(Code::internal,
                "\"" + excerpt(sql) + "\" has " + std::to_string(names.size()) + " parameters (" + list +
                    "), but was given " + std::to_string(given) +
                    " values; a name that stands twice wants two",
                false);
}

void require_text(std::string_view text, std::string_view name) {
  const auto refuse_text = [&](std::string_view why) {
    throw Failure(Code::invalid, "the text for :" + std::string(name) + " " + std::string(why), false);
  };
  // RFC 3629 section 4: the lead byte bounds the second one, all others are 80..BF.
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) {
      return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned lead = byte(at);
    if (lead == 0) refuse_text("holds a NUL byte");
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    bool good = lead >= 0xC2 && lead <= 0xF4 && byte(at + 1) >= low && byte(at + 1) <= high;
    for (std::size_t i = 2; i < length; ++i) good = good && (byte(at + i) & 0xC0U) == 0x80;
    if (!good) refuse_text("is not UTF-8");
    at += length;
  }
}

std::vector<std::string> split_script(std::string_view script) {
  std::vector<std::string> statements(1);
  Tokens tokens(script);
  while (auto token = tokens.next()) {
    if (token->kind == TokenKind::semicolon) {
      statements.emplace_back();
    } else if (token->kind == TokenKind::space || token->kind == TokenKind::comment) {
      if (!statements.back().empty() && statements.back().back() != ' ') statements.back() += ' ';
    } else {
      statements.back() += token->text;
    }
  }
  for (auto& statement : statements) {
    if (!statement.empty() && statement.back() == ' ') statement.pop_back();
  }
  std::erase(statements, "");
  return statements;
}

std::string excerpt(std::string_view sql) {
  constexpr std::size_t kLongest = 120;
  std::string line;
  for (char c : sql.substr(0, 4 * kLongest)) {
    if (!is_space(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.size() > kLongest) {
    line.resize(kLongest);
    line += "...";
  }
  return line;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace postern::db
