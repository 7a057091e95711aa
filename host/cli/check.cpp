// postern check
#include <iostream>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"
#include "host/settings/generate.hpp"
#include "host/settings/secret.hpp"

namespace postern::cli {

int run(const Check& command, const std::string& config) {
  if (!command.options.empty()) {
    std::cout << settings::option_table(command.options == "firm" ? settings::firm_schema() : settings::host_schema());
    return 0;
  }
  if (!command.sample.empty()) {
    std::cout << (command.sample == "firm" ? settings::sample_firm_yaml() : settings::sample_host_yaml());
    return 0;
  }
  const auto house = read_house(config);
  if (!house) return 2;
  const auto plugins = inspect_plugins(house->host);
  if (!plugins) return 2;
  settings::Problems problems;
  for (const auto& firm : house->firms) {
    const auto of_plugins = firm::check_plugins(firm, *plugins);
    problems.insert(problems.end(), of_plugins.begin(), of_plugins.end());
    const auto of_secrets = settings::check_secrets(firm.value);
    problems.insert(problems.end(), of_secrets.begin(), of_secrets.end());
  }
  if (!problems.empty()) std::cerr << settings::to_string(problems) << "\n";
  if (settings::has_errors(problems)) return 2;
  std::cout << "the settings are right: " << house->firms.size() << (house->firms.size() == 1 ? " firm, " : " firms, ")
            << plugins->size() << (plugins->size() == 1 ? " plugin\n" : " plugins\n");
  return 0;
}

}  // namespace postern::cli
