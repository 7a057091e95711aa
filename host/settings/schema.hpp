// Schema: what a YAML file may say. Built fluently beside the code that reads it, or read from a plugin's
// manifest. Messages, option tables and sample files all come from here, so none of them can drift from the
// code.
//
//   Schema schema{{
//       text("name", "What recipients read").required(),
//       map("threads", "", {integer("action", "Threads that run plugin code").between(1,
//       1024).by_default("8")}), list("hosts", "Host names of this firm", host_name()).required().between(1,
//       50),
//   }};
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/problem.hpp"
#include "host/settings/value.hpp"
#include "postern/result.hpp"

namespace postern::settings {

enum class Type : std::uint8_t {
  any,  // left as it is; checked later by another schema
  text,
  integer,
  boolean,
  list,
  map,
  duration,  // "30d" "12h" "15m" "90s" "250ms"; becomes an integer of milliseconds
  size,      // "3 GiB" "512 MiB" "10 kB" "100 B"; becomes an integer of bytes
  choice,
  email,
  url,        // http or https
  host_name,  // becomes lower case
  colour,     // "#rrggbb", "#rgb"; becomes lower-case #rrggbb
  time_zone,
  language,
  path,
  secret,   // file:PATH or env:NAME, see secret.hpp
  address,  // where to listen: 127.0.0.1:8080, [::1]:8080, unix:/path
};

/// The name as a manifest writes it: "text", "host_name". [any thread]
std::string_view name(Type type);

/// What a check of one's own has to say: what is wanted, and what to do.
struct Complaint {
  std::string wanted;
  std::string hint;
  std::string found;  // empty: the value as it stands
};

/// One key. A value type; the setters change this object and return it.
struct Field {
  std::string name;
  Type type = Type::text;
  std::string description;                  // one line for tables and samples
  std::optional<std::string> default_yaml;  // as it would stand in a file
  std::string example_yaml;                 // for samples, where there is no default
  bool is_required = false;
  bool is_optional =
      false;  // of a map: stays null when absent, instead of being filled with its keys' defaults
  bool may_be_secret = false;  // of a text: file:PATH and env:NAME are references
  /// Integer: the value. Duration: milliseconds. Size: bytes. Text: characters. List: entries.
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::vector<std::string> choices;
  std::vector<Field> fields;  // of a map with known keys
  std::vector<Field> items;   // one: of a list's entries, or of a map's values when any key may stand
  std::string key_name;       // of a map with free keys: what a key is, as it stands in tables, e.g. "id"
  std::function<std::optional<Complaint>(const Value&)> check;  // after everything else was right
  std::function<std::optional<Complaint>(std::string_view key)> key_check;

  Field& required();
  Field& optional();
  Field& or_secret();
  Field& by_default(std::string yaml);
  Field& example(std::string yaml);
  Field& between(std::int64_t least, std::int64_t most);
  Field& at_least(std::int64_t least);
  Field& at_most(std::int64_t most);
  Field& checked_by(std::function<std::optional<Complaint>(const Value&)> function);
  Field& keys_checked_by(std::function<std::optional<Complaint>(std::string_view)> function);
};

Field any(std::string name = {}, std::string description = {});
Field text(std::string name = {}, std::string description = {});
Field integer(std::string name = {}, std::string description = {});
Field boolean(std::string name = {}, std::string description = {});
Field duration(std::string name = {}, std::string description = {});
Field size(std::string name = {}, std::string description = {});
Field email(std::string name = {}, std::string description = {});
Field url(std::string name = {}, std::string description = {});
Field host_name(std::string name = {}, std::string description = {});
Field colour(std::string name = {}, std::string description = {});
Field time_zone(std::string name = {}, std::string description = {});
Field language(std::string name = {}, std::string description = {});
Field path(std::string name = {}, std::string description = {});
Field secret(std::string name = {}, std::string description = {});
Field address(std::string name = {}, std::string description = {});
Field choice(std::string name, std::string description, std::vector<std::string> choices);
Field list(std::string name, std::string description, Field item);
Field map(std::string name, std::string description, std::vector<Field> fields);
/// Any key, each with a value of the same form; `key_name` stands for the key in tables:
/// "plugins.<id>.enabled".
Field map_of(std::string name, std::string description, std::string key_name, Field item);

struct Schema {
  std::vector<Field> fields;

  /// The field at "a.b"; null when there is none. Lives as long as the schema is unchanged.
  const Field* find(std::string_view path) const;
};

/// Reads `{expires_days: {type: integer, default: 30, minimum: 1, maximum: 365, description: ...}, ...}` of a
/// plugin's manifest. Keys of a field: type, description, default, example, required, minimum, maximum (as
/// the type writes them: `1h`, `3 GiB`), choices, items (of a list), fields or values (of a map; `object` is
/// another name for map). Null gives a schema without keys. Code::invalid with every mistake, one a line,
/// file and line in front. [any thread]
Result<Schema> schema_from(const Value& value);

/// What a field wants, as in messages: "an integer from 1 to 365". [any thread]
std::string wanted_text(const Field& field);

}  // namespace postern::settings
