// The table of the host's own operations: method, pattern, role, query names and what runs.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "host/plugins/manifest.hpp"
#include "host/staff/call.hpp"

namespace postern::staff {

/// One operation. Static data: views and pointers live for ever.
struct Operation {
  std::string_view id;       // as in openapi.yaml: "createAccount"
  std::string_view method;   // GET answers HEAD too
  std::string_view pattern;  // below /api/v1/: "accounts/{account}/folders"
  plugins::Role role;        // the least that may
  std::string_view query;    // names it knows, divided by spaces
  Handler handler;           // null: streamed, see upload.hpp
};

std::span<const Operation> operations();

/// What a path below /api/v1/ came to.
struct Route {
  const Operation* operation = nullptr;
  std::map<std::string, std::string> parameters;
  std::string allow;  // when the path exists for other methods only: "GET, HEAD, POST"
};

/// Literal segments win over parameters. [any thread]
Route route(std::string_view method, std::string_view path);

/// True when the host itself owns this first segment of a path, so that no plugin can.
bool is_reserved(std::string_view segment);

}  // namespace postern::staff
