// A plugin's manifest.yaml, as embedded byte for byte in its ELF note: everything the host knows before it
// runs a line of the plugin.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/schema.hpp"
#include "postern/result.hpp"

namespace postern::plugins {

enum class Door : std::uint8_t { recipient, staff };
enum class Role : std::uint8_t { read_only, member, admin, owner };

/// One route: what the host matches before it calls the door.
struct Route {
  std::string id;  // "view", handed to the plugin as Request::route()
  Door door = Door::recipient;
  std::string method;  // GET (HEAD too), POST, PUT, PATCH, DELETE
  std::string
      pattern;  // below the door's root, without a leading '/': "", "documents/{document}", "{share}/revoke"
  Role role = Role::member;              // staff doors: the least role
  std::uint64_t body_limit = 64 * 1024;  // bytes
};

struct Manifest {
  std::string id;       // lower-case letters, digits and '-'; begins with a letter; at most 32
  std::string version;  // "1.2.3"
  std::string name;     // for people, e.g. "Share"
  std::string summary;
  std::vector<std::string> needs;  // "links/1", ...
  std::vector<Route> routes;
  settings::Schema settings;
  std::vector<std::string> languages;
  std::string text;  // the manifest itself

  static Result<Manifest> parse(std::string_view text, std::string_view file);
};

/// What a path matched: the route and its `{name}` parameters.
struct Match {
  const Route* route = nullptr;
  std::map<std::string, std::string> parameters;
  std::string allow;  // when route is null but the path exists for other methods: "GET, HEAD, POST"
};

/// Literal segments win over parameters. HEAD matches GET. [any thread]
Match match(const Manifest& manifest, Door door, std::string_view method, std::string_view path);

}  // namespace postern::plugins
