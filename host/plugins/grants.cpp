// What a plugin may use, and how plugins of one firm share its paths.
#include <algorithm>
#include <set>

#include "host/plugins/library.hpp"
#include "postern/audit.hpp"
#include "postern/clock.hpp"
#include "postern/documents.hpp"
#include "postern/links.hpp"
#include "postern/notifier.hpp"
#include "postern/pages.hpp"

namespace postern::plugins {

const std::vector<std::string>& known_services() {
  // Never destroyed: see keep() in library.cpp.
  static const auto& services = *new std::vector<std::string>{
      std::string(Audit::kId),     std::string(Clock::kId), std::string(Database::kId),
      std::string(Documents::kId), std::string(Links::kId), std::string(Log::kId),
      std::string(Notifier::kId),  std::string(Pages::kId), std::string(Random::kId)};
  return services;
}

Result<void> check_grants(const Manifest& manifest, const std::vector<std::string>& allow) {
  std::string missing;
  for (const auto& need : manifest.needs) {
    bool granted = need == Log::kId || std::find(allow.begin(), allow.end(), need) != allow.end();
    if (!granted) missing += (missing.empty() ? "" : ", ") + need;
  }
  if (missing.empty()) return {};
  return {Code::forbidden, "refused " + manifest.id + ": it needs " + missing +
                               ", this firm's YAML does not allow it; add " + missing + " to plugins." +
                               manifest.id + ".allow, or leave the plugin out"};
}

Result<void> check_together(const std::vector<const Manifest*>& manifests) {
  std::set<std::string> ids;
  for (const auto* manifest : manifests) {
    if (ids.insert(manifest->id).second) continue;
    return {Code::conflict,
            "refused " + manifest->id +
                ": two files have this id, and would answer the same paths; remove one of them"};
  }
  return {};
}

}  // namespace postern::plugins
