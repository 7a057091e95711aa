// The canonical form of an audit line and its hash. Used by audit.cpp, which writes lines, and
// audit_verify.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/database/database.hpp"

namespace postern::services {

/// The columns of an audit line in the order of its canonical form, then its hash.
inline constexpr std::string_view kAuditColumns =
    "sequence, at, event, plugin, subject, member, member_name, link, recipient, address, user_agent, "
    "details, previous, "
    "hash";
inline constexpr std::size_t kAuditSequence = 0;
inline constexpr std::size_t kAuditPrevious = 12;
inline constexpr std::size_t kAuditHash = 13;

/// Hash of a line, in hex, as if its number were `sequence`: SHA-256 over
///
///   "postern audit line 1\n" and then, for each column of kAuditColumns but the hash, a netstring: the
///   length of the value's bytes in decimal, ":", the bytes, ",". Integers are written in decimal; null,
///   which never stands in a line of ours, is "-,".
///
/// A length before each value leaves no two lines with one form. `line` has at least 13 cells. [any thread]
std::string audit_hash(const db::Row& line, std::int64_t sequence);

}  // namespace postern::services
