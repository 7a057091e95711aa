// postern migrate
#include <iostream>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"

namespace postern::cli {

int run(const Migrate&, const std::string& config) {
  const auto house = read_house(config);
  if (!house) return 2;
  const auto plugins = inspect_plugins(house->host);
  if (!plugins) return 2;
  const firm::SystemClock clock;
  for (const auto& settings : house->firms) {
    const auto firm = firm::open(settings, clock);
    if (!firm.ok()) return complain(firm.error());
    const auto done = firm::migrate(**firm, *plugins);
    if (!done.ok()) return complain(done.error());
    for (const auto& [owner, applied] : *done)
      std::cout << settings.id << ": " << owner << ": "
                << (applied == 0 ? "up to date" : std::to_string(applied) + " migrations applied") << "\n";
  }
  return 0;
}

}  // namespace postern::cli
