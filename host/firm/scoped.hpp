// What one plugin sees of the host: the SDK's services, scoped to that plugin, and only those that the firm's YAML
// grants. Each adapter turns views into the services' own types and failures into a code and a sentence.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "host/log/log.hpp"
#include "host/settings/value.hpp"
#include "postern/plugin.hpp"
#include "postern/settings.hpp"

namespace postern::firm {

struct Firm;

/// The ids of all services this host offers. [any thread]
const std::set<std::string, std::less<>>& offered_services();

/// [any thread, concurrent] once constructed.
class ScopedServices final : public Host {
 public:
  /// `firm` and `logger` outlive this. `settings`: the plugin's own, checked and with defaults.
  ScopedServices(Firm& firm, std::string plugin, std::set<std::string, std::less<>> granted, settings::Value settings,
                 log::Logger& logger);
  ~ScopedServices();

  void* service(std::string_view id) noexcept override;
  const Settings& settings() const;

 private:
  struct Adapters;
  std::set<std::string, std::less<>> granted_;
  std::unique_ptr<Adapters> adapters_;
};

}  // namespace postern::firm
