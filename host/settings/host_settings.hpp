// What config/postern.yaml says: how this host listens, how much it takes, and where things are. One a
// process; main reads it and hands the parts to the rooms.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/formats.hpp"
#include "host/settings/load.hpp"

namespace postern::settings {

struct HostSettings {
  struct Listen {
    Address address;
    bool tls = false;
  };
  struct Certificate {
    std::filesystem::path certificate;  // PEM chain, leaf first
    std::filesystem::path key;          // PEM
  };
  struct Threads {
    unsigned reactor = 2;
    unsigned action = 8;
    unsigned io = 2;
  };
  struct Limits {
    std::size_t request_line = 0;  // bytes
    std::size_t head = 0;          // bytes
    std::size_t head_fields = 0;
    std::size_t body =
        0;  // bytes of a buffered body, as of the staff API; routes with streams have their own
    std::size_t queue = 0;
    std::size_t connections = 0;
    std::chrono::milliseconds head_timeout{0};
    std::chrono::milliseconds idle_timeout{0};
    std::uint64_t minimum_rate = 0;  // bytes a second
    std::chrono::milliseconds rate_window{0};
    std::chrono::milliseconds drain_timeout{0};
  };
  struct Log {
    std::string level;           // error, warning, info, debug
    std::string format;          // text, json
    std::filesystem::path file;  // empty: standard error
  };

  std::vector<Listen> listen;
  std::vector<Certificate> certificates;
  std::vector<std::string> trusted_proxies;
  Threads threads;
  Limits limits;
  std::filesystem::path plugin_folder;  // all paths are absolute
  std::filesystem::path firms_folder;
  std::filesystem::path data_folder;
  Log log;
};

struct HostRead {
  HostSettings settings;  // only whole when ok()
  Value value;
  Problems problems;

  bool ok() const { return !has_errors(problems); }
};

/// The schema of config/postern.yaml.
Schema host_schema();

/// A relative path in the file starts at the file's folder. [any thread, may block]
HostRead read_host_settings(const std::string& path);
HostRead host_settings_from(std::string_view text, const std::string& file);

}  // namespace postern::settings
