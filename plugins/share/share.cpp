// What the plugin share needs from its host.
#include "share.hpp"

namespace postern::share {

Result<void> SharePlugin::setup(Services& services, const Settings& settings) {
  limits_.expires = settings.integer("expires");
  limits_.expires_maximum = settings.integer("expires_maximum");
  limits_.documents = static_cast<std::size_t>(settings.integer("maximum_documents"));
  limits_.recipients = static_cast<std::size_t>(settings.integer("maximum_recipients"));
  limits_.message = static_cast<std::size_t>(settings.integer("message_limit"));
  limits_.notify = settings.flag("notify");
  if (limits_.expires > limits_.expires_maximum)
    return {Code::invalid, "expires is longer than expires_maximum; make it at most as long", "expires"};
  return services.require(links_, documents_, notifier_, audit_, random_);
}

}  // namespace postern::share
