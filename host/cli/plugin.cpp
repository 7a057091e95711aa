// postern plugin inspect | list
#include <iostream>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"
#include "host/plugins/library.hpp"

namespace postern::cli {

int run(const PluginInspect& command, const std::string&) {
  const auto inspection = plugins::inspect(command.file);
  if (!inspection.ok()) return complain(inspection.error());
  std::cout << (command.json ? plugins::describe_json(*inspection) : plugins::describe(*inspection));
  return 0;
}

int run(const PluginList&, const std::string& config) {
  const auto house = read_house(config);
  if (!house) return 2;
  const auto found = inspect_plugins(house->host);
  if (!found) return 2;
  for (const auto& [id, plugin] : *found)
    std::cout << id << "  " << plugin.manifest.version << "  " << plugin.manifest.summary << "  " << plugin.path << "\n";
  return 0;
}

}  // namespace postern::cli
