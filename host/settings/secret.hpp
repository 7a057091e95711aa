// Secrets stand in YAML by reference only: `file:PATH` (a relative path starts at the YAML file's folder) or
// `env:NAME`. They are read when they are needed and never kept, printed or written to JSON.
#pragma once

#include <string>

#include "host/settings/problem.hpp"
#include "host/settings/value.hpp"
#include "postern/result.hpp"

namespace postern::settings {

/// The secret behind a reference, one closing newline stripped. Code::invalid, with file, line and key path
/// and without the secret, when it cannot be had: no such file or variable, empty, over 64 KiB, no plain
/// file, or a file that its group or others may read or write (mode must be 0600 or less) or that belongs to
/// somebody else than root or this user. A value that is no secret (an or_secret() text written out) is
/// handed back as it is. [any thread, may block]
Result<std::string> resolve_secret(const Value& value);

/// Tries every secret in the tree; a problem for each that cannot be had. For `postern check`. [may block]
Problems check_secrets(const Value& tree);

}  // namespace postern::settings
