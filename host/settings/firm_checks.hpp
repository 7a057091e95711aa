// What no single key of a firm's file can say: keys that must fit each other, and warnings.
#pragma once

#include "host/settings/problem.hpp"
#include "host/settings/value.hpp"

namespace postern::settings {

/// `value` is a whole file after its schema; keys that were wrong by themselves are null and say nothing
/// again. [any thread]
void check_firm_together(const Value& value, Problems& problems);

}  // namespace postern::settings
