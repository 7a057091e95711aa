#include "host/database/migration_rule.hpp"

#include <algorithm>
#include <vector>

#include "host/database/sql.hpp"

namespace postern::db {
namespace {

/// The statement's words in lower case, names without their quotes, signs as they are; literals as `'`.
std::vector<std::string> words_of(std::string_view statement) {
  std::vector<std::string> words;
  Tokens tokens(statement);
  while (const auto token = tokens.next()) {
    switch (token->kind) {
      case TokenKind::space:
      case TokenKind::comment:
        break;
      case TokenKind::literal:
        words.emplace_back("'");
        break;
      case TokenKind::quoted_name:
        words.emplace_back(token->text.substr(1, token->text.size() - 2));
        break;
      default:
        words.push_back(lower(token->text));
        break;
    }
  }
  return words;
}

/// Reads a statement's words from the front.
class Reader {
 public:
  explicit Reader(std::vector<std::string> words) : words_(std::move(words)) {}
  bool take(std::string_view word) {
    if (at_ >= words_.size() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  bool take_all(std::initializer_list<std::string_view> phrase) {
    const std::size_t before = at_;
    for (const auto word : phrase) {
      if (!take(word)) return at_ = before, false;
    }
    return true;
  }
  std::string name() { return at_ < words_.size() ? words_[at_++] : std::string(); }
  bool skip_past(std::initializer_list<std::string_view> phrase) {
    for (; at_ < words_.size(); ++at_) {
      if (take_all(phrase)) return true;
    }
    return false;
  }
  bool has(std::string_view word) const {
    return std::find(words_.begin(), words_.end(), word) != words_.end();
  }

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

/// Names of tables and indexes the statement makes, changes or drops; empty when it is of no kind a plugin
/// may use.
std::vector<std::string> names_touched(Reader reader) {
  if (reader.has("with")) return {};  // a common table expression may hide a change of another table
  if (reader.take("create")) {
    reader.take("unique");
    const bool index = reader.take("index");
    if (!index && !reader.take("table")) return {};
    reader.take_all({"if", "not", "exists"});
    std::vector<std::string> names{reader.name()};
    if (index && !reader.take("on")) return {};
    if (index) names.push_back(reader.name());
    if (reader.take(".")) return {};
    return names;
  }
  if (reader.take("drop")) {
    if (!reader.take("table") && !reader.take("index")) return {};
    reader.take_all({"if", "exists"});
    std::vector<std::string> names{reader.name()};
    while (reader.take(",")) names.push_back(reader.name());
    if (reader.take(".") || reader.has("cascade")) return {};
    return names;
  }
  if (reader.take("alter")) {
    if (!reader.take("table")) return {};
    reader.take_all({"if", "exists"});
    std::vector<std::string> names{reader.name()};
    if (reader.take(".")) return {};
    if (reader.skip_past({"rename", "to"})) names.push_back(reader.name());
    return names;
  }
  if (reader.take_all({"insert", "into"}) || reader.take("update") || reader.take_all({"delete", "from"})) {
    std::vector<std::string> names{reader.name()};
    if (reader.take(".")) return {};
    return names;
  }
  return {};
}

}  // namespace

std::optional<std::string> breach_of_prefix(std::string_view statement, std::string_view plugin) {
  std::string prefix(plugin);
  std::replace(prefix.begin(), prefix.end(), '-', '_');
  prefix += '_';
  const auto names = names_touched(Reader(words_of(statement)));
  if (names.empty()) {
    return "may only create, alter, drop and fill its own tables and indexes, found \"" + excerpt(statement) +
           "\"";
  }
  for (const auto& name : names) {
    if (!name.starts_with(prefix)) {
      return "touches \"" + name + "\", but a plugin's tables and indexes begin with \"" + prefix + "\"";
    }
  }
  return std::nullopt;
}

}  // namespace postern::db
