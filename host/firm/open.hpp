// Building a firm, top to bottom, from its settings.
#pragma once

#include <memory>
#include <vector>

#include "host/firm/firm.hpp"
#include "host/log/log.hpp"
#include "host/web/assets.hpp"

namespace postern::firm {

using Libraries = std::map<std::string, std::shared_ptr<plugins::Library>>;  // by plugin id

/// Opens keys, database and blobs and builds the services that need no plugin. Changes no table. `clock` outlives the
/// firm. [main thread, may block]
Result<std::unique_ptr<Firm>> open(const settings::FirmSettings& settings, const Clock& clock);

/// What migrate() did or would do to one owner's tables ("host" or a plugin's id).
struct Migrated {
  std::string owner;
  int applied = 0;
};

/// Brings the host's and every enabled plugin's tables up to date. [main thread, may block]
Result<std::vector<Migrated>> migrate(Firm& firm, const std::map<std::string, plugins::Inspection>& plugins);

/// Builds pages and outbox, adds the plugins' pages and assets, checks grants and settings, and starts every enabled
/// plugin. Mistakes of the firm's YAML come all at once, a line each. [main thread, may block]
Result<void> start_plugins(Firm& firm, const Libraries& libraries, web::Assets& assets, log::Logger& logger);

/// The checks of start_plugins that need no code to run: for `postern check`.
settings::Problems check_plugins(const settings::FirmSettings& firm,
                                 const std::map<std::string, plugins::Inspection>& plugins);

/// Removes what a crash left behind: unfinished uploads, and blobs that no document names. With PostgreSQL other hosts
/// may be writing, so only what is older than a day. Returns how many. Before any request. [main thread, may block]
Result<int> sweep(Firm& firm);

/// No new calls into plugins, running ones end, then they are stopped; then the outbox. [main thread, may block]
void stop(Firm& firm, std::chrono::milliseconds deadline, log::Logger& logger);

}  // namespace postern::firm
