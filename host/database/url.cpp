#include <algorithm>

#include "host/database/session.hpp"

namespace postern::db {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kWanted =
    "wanted \"sqlite:/path/to/file.db\" or \"postgresql://user:password@host/database?schema=name\"";

bool is_schema_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 63 && !(name[0] >= '0' && name[0] <= '9') &&
         !name.starts_with("pg_") && std::all_of(name.begin(), name.end(), fits);
}

/// "scheme://user:password@host" -> "scheme://user@host"; a password among the options goes too.
std::string without_password(std::string_view url) {
  std::string shown(url.substr(0, url.find('?')));
  const std::size_t start = shown.find("://") + 3;
  const std::size_t at = shown.rfind('@');
  if (at == std::string::npos || at < start) return shown;
  const std::size_t colon = shown.find(':', start);
  if (colon < at) shown.erase(colon, at - colon);
  return shown;
}

Result<Url> sqlite_url(std::string_view path) {
  if (path.empty()) return {Code::invalid, "the database \"sqlite:\" names no file; " + std::string(kWanted)};
  if (path == ":memory:" || path.starts_with("file:")) {
    return {Code::invalid,
            "the database \"sqlite:" + std::string(path) + "\" is not a plain file; " + std::string(kWanted)};
  }
  if (path.find('"') != std::string_view::npos || path.find('\0') != std::string_view::npos) {
    return {Code::invalid, "the path of an SQLite database may not hold quotes or NUL bytes"};
  }
  return Url{Dialect::sqlite, std::string(path), {}, "sqlite:" + std::string(path)};
}

/// Takes schema= out of the options, which libpq would refuse, and adds what every connection of Postern has.
Result<Url> postgresql_url(std::string_view url) {
  Url result{Dialect::postgresql, std::string(url.substr(0, url.find('?'))), "public", without_password(url)};
  std::string options = "application_name=postern&connect_timeout=5";
  std::string_view rest =
      url.find('?') == std::string_view::npos ? std::string_view{} : url.substr(url.find('?') + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    if (option.starts_with("schema=")) {
      result.schema = option.substr(7);
    } else if (!option.empty()) {
      options += "&" + std::string(option);
    }
  }
  if (!is_schema_name(result.schema)) {
    return {Code::invalid,
            "the schema \"" + result.schema + "\" of the database " + result.shown +
                " is not a plain name; wanted at most 63 of a-z, 0-9 and _, not beginning with a digit"};
  }
  result.address += "?" + options;
  return result;
}

}  // namespace

Result<Url> parse_url(std::string_view url) {
  if (url.starts_with(kSqlite)) return sqlite_url(url.substr(kSqlite.size()));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return postgresql_url(url);
  const std::string scheme(url.substr(0, std::min(url.find(':'), std::size_t{20})));
  return {Code::invalid, "the database's URL begins with \"" + scheme + "\"; " + std::string(kWanted)};
}

}  // namespace postern::db
