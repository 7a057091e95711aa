// One firm: its settings, database, keys, services and plugin instances. Firms share nothing but the process.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/database/database.hpp"
#include "host/plugins/library.hpp"
#include "host/services/audit.hpp"
#include "host/services/blobs.hpp"
#include "host/services/documents.hpp"
#include "host/services/keys.hpp"
#include "host/services/links.hpp"
#include "host/services/outbox.hpp"
#include "host/services/pages.hpp"
#include "host/settings/firm_settings.hpp"

namespace postern::log {
class Logger;
}

namespace postern::firm {

class ScopedServices;

/// Built top to bottom, destroyed bottom to top. All members but the plugins are there for the firm's whole life and may
/// be used from any thread.
struct Firm {
  settings::FirmSettings settings;
  const Clock* clock = nullptr;
  std::unique_ptr<services::FirmKeys> keys;
  std::unique_ptr<db::FirmDatabase> database;
  services::Audit audit;
  std::unique_ptr<services::BlobStore> blobs;
  std::unique_ptr<services::Documents> documents;
  std::unique_ptr<services::Links> links;
  std::unique_ptr<services::WrongTokenLimiter> limiter;
  std::unique_ptr<services::WrongTokenLimiter> key_limiter;  // wrong API keys; null: unlimited
  std::unique_ptr<services::Pages> pages;
  std::unique_ptr<services::Outbox> outbox;

  struct LoadedPlugin {
    std::unique_ptr<ScopedServices> services;  // what the plugin sees of the host
    std::unique_ptr<plugins::Instance> instance;
  };
  std::map<std::string, LoadedPlugin> plugins;  // by id

  log::Logger* logger = nullptr;  // outlives the firm; null: nothing is written
  std::once_flag api_document_made;
  std::string api_document;  // OpenAPI, made by the staff API at its first use

  Firm();
  Firm(const Firm&) = delete;
  Firm& operator=(const Firm&) = delete;
  ~Firm();
};

}  // namespace postern::firm
