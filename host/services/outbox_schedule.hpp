// When an attempt is made again.
#pragma once

#include <optional>
#include <string_view>

#include "postern/time.hpp"

namespace postern::services {

/// A claimed message is nobody else's for this long; it covers the longest attempt.
constexpr std::int64_t kLease = 5 * kMinute;
/// After this long a message that could not be sent has failed.
constexpr std::int64_t kGiveUpAfter = 3 * kDay;

/// The time of the next attempt after `attempts` (from 1) have been made: 1, 5, 15 minutes, 1 hour, then
/// every 4 hours, each a tenth earlier or later by the message's id, so that a crowd does not come back at
/// once. Empty: give up.
std::optional<Timestamp> next_attempt(std::string_view id, std::int64_t attempts, Timestamp created,
                                      Timestamp now);

}  // namespace postern::services
