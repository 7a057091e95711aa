// The staff doors of plugins below /api/v1/{plugin}/.
#pragma once

#include <string>
#include <string_view>

#include "host/staff/call.hpp"

namespace postern::staff {

/// Where a path below /api/v1/ leads among the firm's plugins. Views and pointers live as long as the firm.
struct PluginRoute {
  plugins::Instance* plugin = nullptr;  // null: no such plugin, or it has no staff door
  std::string rest;                     // the path below the plugin's API
  plugins::Match match;
};

PluginRoute plugin_route(firm::Firm& firm, std::string_view method, std::string_view path);

/// Calls the door and turns what it says into an answer. `route.match.route` is not null.
Answer call_plugin(Call& call, const PluginRoute& route);

}  // namespace postern::staff
