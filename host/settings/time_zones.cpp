// Time zones by the system's database (Debian package tzdata).
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "host/settings/formats.hpp"

namespace postern::settings {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabase = "/usr/share/zoneinfo";

bool is_zone_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return std::string_view(magic, sizeof magic) == "TZif";  // RFC 8536 3.1
}

bool is_zone_name(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '/' || text.front() == '.') return false;
  if (text.find("..") != std::string_view::npos || text.starts_with("posix") || text.starts_with("right/"))
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("/_+-").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_time_zone(std::string_view text) {
  return is_zone_name(text) && text != "localtime" && is_zone_file(fs::path(kDatabase) / text);
}

std::vector<std::string> time_zones() {
  std::vector<std::string> zones;
  std::error_code error;
  fs::recursive_directory_iterator entry(kDatabase, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    auto zone = entry->path().lexically_relative(kDatabase).string();
    if (is_time_zone(zone)) zones.push_back(std::move(zone));
  }
  std::sort(zones.begin(), zones.end());
  return zones;
}

}  // namespace postern::settings
