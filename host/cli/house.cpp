#include "host/cli/house.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iostream>

namespace postern::cli {

std::optional<House> read_house(const std::string& config) {
  auto host = settings::read_host_settings(config);
  settings::Problems problems = host.problems;
  House house;
  if (host.ok()) {
    house.host = host.settings;
    auto firms = settings::read_firms(house.host.firms_folder, house.host.data_folder);
    problems.insert(problems.end(), firms.problems.begin(), firms.problems.end());
    house.firms = std::move(firms.firms);
  }
  if (!problems.empty()) std::cerr << settings::to_string(problems) << "\n";
  if (settings::has_errors(problems)) return std::nullopt;
  return house;
}

std::vector<std::string> plugin_files(const settings::HostSettings& host) {
  std::vector<std::string> files;
  std::error_code none;  // a folder that is not there holds no plugins
  for (const auto& entry : std::filesystem::directory_iterator(host.plugin_folder, none))
    if (entry.path().extension() == ".so") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<std::map<std::string, plugins::Inspection>> inspect_plugins(const settings::HostSettings& host) {
  std::map<std::string, plugins::Inspection> found;
  bool good = true;
  for (const auto& file : plugin_files(host)) {
    auto inspection = plugins::inspect(file);
    if (!inspection.ok()) {
      std::cerr << "postern: " << inspection.error().message << "\n";
      good = false;
      continue;
    }
    const std::string id = inspection->manifest.id;
    if (const auto [other, fresh] = found.emplace(id, *std::move(inspection)); !fresh) {
      std::cerr << "postern: plugin " << id << " is there twice: " << other->second.path << " and " << file
                << "; remove one of them\n";
      good = false;
    }
  }
  if (!good) return std::nullopt;
  return found;
}

std::unique_ptr<firm::Firm> open_firm(const std::string& config, const std::string& id, const Clock& clock) {
  const auto house = read_house(config);
  if (!house) return nullptr;
  std::string names;
  const settings::FirmSettings* chosen = nullptr;
  for (const auto& firm : house->firms) {
    names += (names.empty() ? "" : ", ") + firm.id;
    if (firm.id == id || (id.empty() && house->firms.size() == 1)) chosen = &firm;
  }
  if (chosen == nullptr) {
    std::cerr << "postern: " << (id.empty() ? "which firm? say --firm with one of: " : "no firm " + id + "; there are: ")
              << names << "\n";
    return nullptr;
  }
  auto firm = firm::open(*chosen, clock);
  if (!firm.ok()) {
    complain(firm.error());
    return nullptr;
  }
  return *std::move(firm);
}

int complain(const Error& error) {
  std::cerr << "postern: " << error.message << "\n";
  return error.code == Code::invalid ? 2 : 1;
}

std::string show(Timestamp time) {
  if (time.ms == 0) return "never";
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

}  // namespace postern::cli
