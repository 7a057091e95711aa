// Flags that running answers poll, so that they stop when their link ends. Owned by Links.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/services/links.hpp"

namespace postern::services {

/// [any thread, concurrent]
struct Links::Watches {
 public:
  Cancelled watch(std::string_view id);
  /// The link is dead for good: who watches it later is told at once.
  void revoked(std::string_view id);
  /// The link has a new token: whoever runs under the old one stops.
  void reissued(std::string_view id);
  /// The links that a running answer watches now.
  std::vector<std::string> watched();

 private:
  using Flag = std::atomic<bool>;

  void raise(const std::string& id);
  void forget_unwatched();

  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Flag>> flags_;
  std::size_t sweep_at_ = 64;
  // An answer may have looked its link up just before the revocation and watch it just after.
  std::deque<std::string> lately_revoked_;
};

}  // namespace postern::services
