#include "host/services/outbox_schedule.hpp"

#include <algorithm>
#include <array>

namespace postern::services {
namespace {

constexpr std::array<std::int64_t, 5> kWaits{1 * kMinute, 5 * kMinute, 15 * kMinute, 1 * kHour, 4 * kHour};

/// FNV-1a: the same id and attempt always wait the same.
std::uint64_t spread(std::string_view id, std::int64_t attempts) {
  std::uint64_t hash = 14695981039346656037U + static_cast<std::uint64_t>(attempts);
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash >> 20U;
}

}  // namespace

std::optional<Timestamp> next_attempt(std::string_view id, std::int64_t attempts, Timestamp created,
                                      Timestamp now) {
  const auto index = std::clamp<std::int64_t>(attempts - 1, 0, static_cast<std::int64_t>(kWaits.size()) - 1);
  const auto wait = kWaits[static_cast<std::size_t>(index)];
  const auto jitter =
      static_cast<std::int64_t>(spread(id, attempts) % 2001) - 1000;  // -1000 to 1000: a tenth each way
  const auto next = now + wait + wait * jitter / 10'000;
  if (next > created + kGiveUpAfter) return std::nullopt;
  return next;
}

}  // namespace postern::services
