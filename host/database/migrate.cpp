// Migrations: reads numbered SQL files, and applies what a database lacks. The writer lock that every writing
// transaction takes is the lock of migrations too, so two hosts that start at once do not meet.
#include <algorithm>
#include <charconv>
#include <map>

#include "host/crypto/crypto.hpp"
#include "host/database/database.hpp"
#include "host/database/migration_rule.hpp"
#include "host/database/sql.hpp"

namespace postern::db {
namespace {

constexpr std::string_view kHeading = "-- migration ";

struct Applied {
  std::string name;
  std::string sha256;
};

std::string named(std::string_view owner, std::int64_t number, std::string_view name) {
  return "migration " + std::to_string(number) + " (" + std::string(name) + ") of " + std::string(owner);
}

/// Over the statements without comments and with single spaces, so that a better comment is not an edit.
std::string checksum(const std::vector<std::string>& statements) {
  crypto::Sha256 hash;
  for (const auto& statement : statements) {
    hash.update(crypto::bytes(statement));
    hash.update(crypto::bytes(";\n"));
  }
  return crypto::hex(hash.finish());
}

Result<void> check_numbers(std::string_view owner, std::span<const Migration> migrations) {
  int expected = 1;
  for (const auto& migration : migrations) {
    if (migration.number != expected) {
      return {Code::invalid, named(owner, migration.number, migration.name) + " stands where number " +
                                 std::to_string(expected) +
                                 " is wanted: they are numbered from 1 without gaps"};
    }
    ++expected;
  }
  return {};
}

std::map<std::int64_t, Applied> applied_before(HostTransaction& transaction, std::string_view owner) {
  transaction.change(
      "create table if not exists schema_migrations (owner text not null, number bigint not null, name text "
      "not null, "
      "sha256 text not null, applied_at bigint not null, primary key (owner, number))");
  std::map<std::int64_t, Applied> applied;
  for (const Row& row : transaction.rows(
           "select number, name, sha256 from schema_migrations where owner = :owner order by number",
           {owner})) {
    applied[row[0].integer()] = {row[1].text(), row[2].text()};
  }
  return applied;
}

Result<void> check_applied(std::string_view owner, std::span<const Migration> migrations,
                           const std::map<std::int64_t, Applied>& applied) {
  std::int64_t expected = 1;
  for (const auto& [number, before] : applied) {
    const std::string which = named(owner, number, before.name);
    if (number != expected++) {
      return {Code::conflict,
              which + " was applied to this database, but number " + std::to_string(expected - 1) +
                  " was not: the table schema_migrations was changed by hand; restore a backup"};
    }
    if (number > static_cast<std::int64_t>(migrations.size())) {
      return {Code::conflict, which + " was applied to this database, but this program knows only " +
                                  std::to_string(migrations.size()) +
                                  ": a newer version was here; use that one"};
    }
    const auto& migration = migrations[static_cast<std::size_t>(number - 1)];
    if (checksum(split_script(migration.sql)) != before.sha256) {
      return {Code::conflict,
              named(owner, number, migration.name) +
                  " was edited after it was applied to this database; put its old text back and write a "
                  "new migration"};
    }
  }
  return {};
}

Result<int> apply_next(HostTransaction& transaction, std::string_view owner,
                       std::span<const Migration> migrations, Timestamp now) {
  const auto applied = applied_before(transaction, owner);
  POSTERN_CHECK(check_applied(owner, migrations, applied));
  if (applied.size() == migrations.size()) return 0;
  const Migration& next = migrations[applied.size()];
  const auto statements = split_script(next.sql);
  try {
    for (const auto& statement : statements) transaction.change(statement);
  } catch (const Failure& failure) {
    if (failure.retry()) throw;
    return {failure.code(), named(owner, next.number, next.name) + " failed: " + failure.what()};
  }
  transaction.change(
      "insert into schema_migrations (owner, number, name, sha256, applied_at) "
      "values (:owner, :number, :name, :sha256, :applied_at)",
      {owner, next.number, next.name, checksum(statements), now});
  return 1;
}

}  // namespace

Result<int> migrate(FirmDatabase& database, std::string_view owner, std::span<const Migration> migrations,
                    Timestamp now) {
  POSTERN_CHECK(check_numbers(owner, migrations));
  if (owner != "host") {
    for (const auto& migration : migrations) {
      for (const auto& statement : split_script(migration.sql)) {
        if (auto why = breach_of_prefix(statement, owner)) {
          return {Code::invalid, named(owner, migration.number, migration.name) + " " + *why};
        }
      }
    }
  }
  for (int ran = 0;; ++ran) {
    auto done = database.write(
        [&](HostTransaction& transaction) { return apply_next(transaction, owner, migrations, now); });
    POSTERN_TRY(const int more, std::move(done));
    if (more == 0) return ran;
  }
}

Result<std::vector<Migration>> parse_migrations(std::string_view text, std::string_view file) {
  std::vector<Migration> migrations;
  int line_number = 0;
  const auto refuse = [&](const std::string& why) {
    return Error{Code::invalid, std::string(file) + ":" + std::to_string(line_number) + ": " + why, {}};
  };
  while (!text.empty()) {
    ++line_number;
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with(kHeading)) {
      if (!migrations.empty()) {
        migrations.back().sql.append(line) += '\n';
      } else if (!split_script(line).empty()) {
        return refuse("a statement before the first line \"-- migration 1: name\"");
      }
      continue;
    }
    Migration migration;
    const std::string_view rest = line.substr(kHeading.size());
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), migration.number);
    const std::string_view tail = rest.substr(static_cast<std::size_t>(end - rest.data()));
    if (error != std::errc{} || !tail.starts_with(": ") || tail.size() < 3) {
      return refuse("found \"" + std::string(line) + "\", wanted \"-- migration N: name\"");
    }
    if (migration.number != static_cast<int>(migrations.size()) + 1) {
      return refuse("found migration " + std::to_string(migration.number) + ", wanted " +
                    std::to_string(migrations.size() + 1));
    }
    migration.name = tail.substr(2);
    migrations.push_back(std::move(migration));
  }
  for (const auto& migration : migrations) {
    if (split_script(migration.sql).empty()) {
      return {Code::invalid, std::string(file) + ": migration " + std::to_string(migration.number) + " (" +
                                 migration.name + ") has no statements"};
    }
  }
  return migrations;
}

}  // namespace postern::db
