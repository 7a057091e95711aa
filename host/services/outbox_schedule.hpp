// When an attempt is made again.
#pragma once

#include <optional>
#include <string_view>

#include "host/services/outbox.hpp"
#include "postern/time.hpp"

namespace postern::services {

/// The time of the next attempt after `attempts` (from 1) have been made: the first wait, doubled each time
/// up to the longest, each a tenth earlier or later by the message's id, so that a crowd does not come back
/// at once. Empty: give up. [any thread]
std::optional<Timestamp> next_attempt(const RetryPolicy& policy, std::string_view id, std::int64_t attempts,
                                      Timestamp created, Timestamp now);

}  // namespace postern::services
