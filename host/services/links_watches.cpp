#include "host/services/links_watches.hpp"

#include <algorithm>

namespace postern::services {

namespace {
constexpr std::size_t kLately = 1024;
}

Cancelled Links::Watches::watch(std::string_view id) {
  const std::string key(id);
  const std::lock_guard lock(mutex_);
  if (std::find(lately_revoked_.begin(), lately_revoked_.end(), key) != lately_revoked_.end()) {
    return std::make_shared<Flag>(true);
  }
  if (flags_.size() >= sweep_at_) forget_unwatched();
  auto& known = flags_[key];
  auto flag = known.lock();
  if (!flag) known = flag = std::make_shared<Flag>(false);
  return flag;
}

void Links::Watches::revoked(std::string_view id) {
  const std::string key(id);
  const std::lock_guard lock(mutex_);
  raise(key);
  lately_revoked_.push_back(key);
  if (lately_revoked_.size() > kLately) lately_revoked_.pop_front();
}

void Links::Watches::reissued(std::string_view id) {
  const std::string key(id);
  const std::lock_guard lock(mutex_);
  raise(key);
}

std::vector<std::string> Links::Watches::watched() {
  std::vector<std::string> ids;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, flag] : flags_)
    if (!flag.expired()) ids.push_back(id);
  return ids;
}

void Links::Watches::raise(const std::string& id) {
  const auto found = flags_.find(id);
  if (found == flags_.end()) return;
  if (const auto flag = found->second.lock()) flag->store(true);
  flags_.erase(found);
}

/// As many as are watched stay, so that the cost of sweeping is shared by as many calls.
void Links::Watches::forget_unwatched() {
  std::erase_if(flags_, [](const auto& entry) { return entry.second.expired(); });
  sweep_at_ = std::max(std::size_t{64}, 2 * flags_.size());
}

}  // namespace postern::services
