// Value: one node of a YAML file after it was read, with where it stands. The rest of the host reads
// settings, manifests and messages through it and never meets a YAML library.
//
// Immutable and cheap to copy (one shared pointer); a copy keeps its whole subtree alive. Every function is
// [any thread].
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::settings {

struct Node;

class Value {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, number, text, list, map };
  using List = std::vector<Value>;
  using Map = std::vector<std::pair<std::string, Value>>;  // in the order of the file

  /// Null, from nowhere: what a missing key gives.
  Value() = default;
  explicit Value(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  Kind kind() const;
  bool is_null() const { return kind() == Kind::null; }

  /// Null gives "", 0, false and empty containers, so that an optional key needs no test. Another kind is a
  /// bug of the reader, since the schema was checked before: std::logic_error naming the key path. The
  /// references live as long as any copy of this Value.
  const std::string& text() const;
  std::int64_t integer() const;  // durations in milliseconds, sizes in bytes
  double number() const;         // an integer too
  bool boolean() const;
  const List& list() const;
  const Map& map() const;

  /// A map's entry; null when there is none, or when this is no map.
  Value operator[](std::string_view key) const;
  bool has(std::string_view key) const;
  /// "a.b[2].c" from here; null when a part is missing. A key that itself contains dots is found too.
  Value at_path(std::string_view path) const;

  /// Where it stands: the file as it was named, line and column from 1 (columns count characters). A default
  /// has the position of the map it was filled into. 0 when from nowhere.
  const std::string& file() const;
  int line() const;
  int column() const;
  /// The same of the key in front of it; of the value itself when it is a list's entry or the root.
  int key_line() const;
  int key_column() const;
  /// From the root of the file: "plugins.share.settings.expires_days", "hosts[0]"; "" for the root.
  std::string path() const;
  /// Nobody wrote it: the schema's default.
  bool is_default() const;
  /// A reference to a secret, see secret.hpp.
  bool is_secret() const;

  /// JSON (RFC 8259), one line; secrets stand as "***".
  std::string to_json() const;

  const Node* node() const { return node_.get(); }

 private:
  std::shared_ptr<const Node> node_;
};

/// "null", "boolean", ... as in messages.
std::string_view name(Value::Kind kind);

}  // namespace postern::settings
