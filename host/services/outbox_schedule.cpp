#include "host/services/outbox_schedule.hpp"

#include <algorithm>

namespace postern::services {
namespace {

/// FNV-1a: the same id and attempt always wait the same.
std::uint64_t spread(std::string_view id, std::int64_t attempts) {
  std::uint64_t hash = 14695981039346656037U + static_cast<std::uint64_t>(attempts);
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash >> 20U;
}

}  // namespace

std::optional<Timestamp> next_attempt(const RetryPolicy& policy, std::string_view id, std::int64_t attempts,
                                      Timestamp created, Timestamp now) {
  auto wait = std::min(policy.first, policy.longest);
  for (std::int64_t i = 1; i < attempts && wait < policy.longest; ++i)
    wait = std::min(2 * wait, policy.longest);
  const auto jitter =
      static_cast<std::int64_t>(spread(id, attempts) % 2001) - 1000;  // -1000 to 1000: a tenth each way
  const auto next = now + wait + wait * jitter / 10'000;
  if (next > created + policy.give_up) return std::nullopt;
  return next;
}

}  // namespace postern::services
