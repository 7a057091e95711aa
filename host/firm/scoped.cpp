#include "host/firm/scoped.hpp"

#include "host/firm/adapters.hpp"

namespace postern::firm {

struct ScopedServices::Adapters {
  Adapters(Firm& firm, const std::string& plugin, settings::Value values, log::Logger& logger)
      : database(firm),
        links(firm, plugin),
        documents(firm),
        notifier(firm, plugin),
        audit(firm, plugin),
        pages(firm, plugin),
        clock(*firm.clock),
        log(logger, firm.settings.id, plugin),
        settings(std::move(values), log) {}

  ScopedDatabase database;
  ScopedLinks links;
  ScopedDocuments documents;
  ScopedNotifier notifier;
  ScopedAudit audit;
  ScopedPages pages;
  FirmClock clock;
  FirmRandom random;
  ScopedLog log;
  SettingsView settings;
};

const std::set<std::string, std::less<>>& offered_services() {
  // Leaked on purpose: no static of the host has a destructor.
  static const auto& ids = *new std::set<std::string, std::less<>>{
      std::string(Database::kId), std::string(Links::kId), std::string(Documents::kId), std::string(Notifier::kId),
      std::string(Audit::kId),    std::string(Pages::kId), std::string(Clock::kId),     std::string(Random::kId),
      std::string(Log::kId)};
  return ids;
}

ScopedServices::ScopedServices(Firm& firm, std::string plugin, std::set<std::string, std::less<>> granted,
                               settings::Value settings, log::Logger& logger)
    : granted_(std::move(granted)),
      adapters_(std::make_unique<Adapters>(firm, plugin, std::move(settings), logger)) {
  granted_.insert(std::string(Log::kId));
}

ScopedServices::~ScopedServices() = default;

void* ScopedServices::service(std::string_view id) noexcept {
  if (!granted_.contains(id)) return nullptr;
  // Each cast names the interface: the void pointer must be the interface's own address.
  if (id == Database::kId) return static_cast<Database*>(&adapters_->database);
  if (id == Links::kId) return static_cast<Links*>(&adapters_->links);
  if (id == Documents::kId) return static_cast<Documents*>(&adapters_->documents);
  if (id == Notifier::kId) return static_cast<Notifier*>(&adapters_->notifier);
  if (id == Audit::kId) return static_cast<Audit*>(&adapters_->audit);
  if (id == Pages::kId) return static_cast<Pages*>(&adapters_->pages);
  if (id == Clock::kId) return static_cast<Clock*>(&adapters_->clock);
  if (id == Random::kId) return static_cast<Random*>(&adapters_->random);
  if (id == Log::kId) return static_cast<Log*>(&adapters_->log);
  return nullptr;
}

const Settings& ScopedServices::settings() const { return adapters_->settings; }

}  // namespace postern::firm
