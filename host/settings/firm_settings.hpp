// What config/firms/<id>.yaml says: everything of one firm. The firm's room reads it at start and on reload.
//
// Paths: what a firm writes (database file, blobs, keys, mailbox) is relative to its own folder, <data>/<firm
// id>; what it only reads (logo, `file:` secrets) is relative to the YAML file. Here all of them are
// absolute.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/load.hpp"

namespace postern::settings {

struct FirmSettings {
  struct Contact {
    std::string email;
    std::string phone;
    std::string address;
  };
  struct Branding {
    std::filesystem::path logo;  // empty: the name stands alone
    std::string accent;          // "#rrggbb", dark enough for white text on it
  };
  struct Database {
    Value url;  // may be a secret: ask database_url()
    unsigned sessions = 8;
    std::chrono::milliseconds wait{5000};
  };
  struct Blobs {
    std::filesystem::path folder;
    bool encrypt = true;
    std::uint64_t minimum_free = 0;  // bytes
  };
  enum class Transport : std::uint8_t { mailbox, smtp };
  enum class Security : std::uint8_t { starttls, tls, none };
  struct Smtp {
    std::string host;
    std::uint16_t port = 587;
    Security security = Security::starttls;
    std::string user;  // empty: without sign-in
    Value password;    // resolve_secret() when connecting
    std::chrono::milliseconds timeout{30'000};
  };
  struct Notification {
    std::string from_name;
    std::string from_email;
    std::string reply_to;  // empty: from_email
    Transport transport = Transport::mailbox;
    std::filesystem::path mailbox;  // folder
    std::optional<Smtp> smtp;
    std::chrono::milliseconds retry_first{0};
    std::chrono::milliseconds retry_longest{0};
    std::chrono::milliseconds give_up{0};
  };
  struct Links {
    std::chrono::milliseconds expires{0};          // when nothing else is said
    std::chrono::milliseconds expires_maximum{0};  // whatever is said
    int wrong_tokens_per_minute = 0;               // of one address
  };
  struct Plugin {
    std::string id;
    bool enabled = true;
    std::vector<std::string> allow;  // services, "documents/1"
    Value settings;                  // a map, to be checked: validate(settings, schema of the manifest)
    Value value;                     // the whole entry, for places in messages
  };

  std::string id;
  std::string name;
  std::string legal_name;          // the name when not given
  std::vector<std::string> hosts;  // lower case
  std::string base_url;            // without a closing slash
  Contact contact;
  std::string privacy_url;
  Branding branding;
  std::string language;
  std::vector<std::string> languages;  // the language first
  std::string time_zone;
  Database database;
  Blobs blobs;
  std::filesystem::path keys_folder;
  Notification notification;
  Links links;
  std::vector<Plugin> plugins;
  std::filesystem::path folder;  // <data>/<id>
  Value value;                   // the whole file, for places in messages
};

struct FirmRead {
  FirmSettings settings;  // only whole when ok()
  Problems problems;

  bool ok() const { return !has_errors(problems); }
};

struct FirmsRead {
  std::vector<FirmSettings> firms;  // by id; only those without errors
  Problems problems;

  bool ok() const { return !has_errors(problems); }
};

/// The schema of config/firms/<id>.yaml.
Schema firm_schema();

/// The firm's id is the file's name without .yaml. [any thread, may block]
FirmRead read_firm_settings(const std::string& path, const std::filesystem::path& data_folder);
FirmRead firm_settings_from(std::string_view text, const std::string& file,
                            const std::filesystem::path& data_folder);

/// Every *.yaml of the folder, and check_firms over all. No firm at all is an error. [any thread, may block]
FirmsRead read_firms(const std::filesystem::path& firms_folder, const std::filesystem::path& data_folder);

/// Firms are isolated: a host name, a database, a blob folder or a key folder that two of them share is an
/// error that names both places. [any thread]
Problems check_firms(std::span<const FirmSettings> firms);

/// "sqlite:/absolute/path" or "postgresql://..."; resolves the secret. Code::invalid in the form of a
/// Problem, without the URL, when it cannot be had or is neither. [any thread, may block]
Result<std::string> database_url(const FirmSettings& firm);

}  // namespace postern::settings
