// What most commands begin with: the settings read and checked, plugins found, a firm opened.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/firm/open.hpp"
#include "host/firm/system_clock.hpp"
#include "host/settings/firm_settings.hpp"
#include "host/settings/host_settings.hpp"

namespace postern::cli {

struct House {
  settings::HostSettings host;
  std::vector<settings::FirmSettings> firms;
};

/// Reads config/postern.yaml and every firm's file. All mistakes go to standard error, one a line; then it is empty.
std::optional<House> read_house(const std::string& config);

/// The plugin libraries (*.so) of the plugin folder, by file name order.
std::vector<std::string> plugin_files(const settings::HostSettings& host);

/// What their notes say, by plugin id. Mistakes go to standard error; then it is empty.
std::optional<std::map<std::string, plugins::Inspection>> inspect_plugins(const settings::HostSettings& host);

/// The firm called `id`, or the only one when `id` is empty; opened without plugins. Mistakes go to standard error.
std::unique_ptr<firm::Firm> open_firm(const std::string& config, const std::string& id, const Clock& clock);

/// "postern: sentence" on standard error; returns 1 (2 for Code::invalid).
int complain(const Error& error);

/// 2026-11-23 20:15:06 UTC, or "never" for 0.
std::string show(Timestamp time);

}  // namespace postern::cli
