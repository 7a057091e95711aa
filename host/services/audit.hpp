// The firm's audit record: append-only, each line chained to the one before it by SHA-256.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/database/database.hpp"

namespace postern::services {

/// One line as stored. `hash` = SHA-256 over the canonical form of all other fields and the line before (see
/// audit.cpp).
struct AuditLine {
  std::int64_t sequence = 0;  // from 1, without gaps
  Timestamp at;
  std::string event;    // "link.opened", "document.delivered", "share.created", ...
  std::string plugin;   // empty: the host
  std::string subject;  // id of what it is about
  db::Actor actor;
  std::string details;   // JSON object
  std::string previous;  // hex
  std::string hash;      // hex
};

struct AuditFilter {
  std::optional<std::string> subject{}, link{}, event{}, member{};
  std::optional<Timestamp> from{}, until{};
  std::int64_t after = 0;  // sequence; lines above it (or below it when newest_first)
  bool newest_first = false;
  int limit = 100;
};

/// What verify() found wrong first.
struct AuditFault {
  std::int64_t sequence = 0;
  std::string what;  // "line 17 was changed", "line 18 is missing", "lines 20 and 21 were exchanged", ...
};

struct AuditVerdict {
  std::int64_t lines = 0;
  std::string head;  // hash of the last line
  std::optional<AuditFault> fault;
};

/// [any thread, concurrent]
class Audit {
 public:
  /// Appends in the caller's transaction; its actor and time go into the line.
  void append(db::HostTransaction& transaction, std::string_view plugin, std::string_view event,
              std::string_view subject, std::string_view details = "{}") const;
  std::vector<AuditLine> list(db::HostTransaction& transaction, const AuditFilter& filter) const;
  /// Walks the whole chain in constant memory. The stored head (length and hash, kept beside the chain) shows
  /// a cut tail.
  AuditVerdict verify(db::HostTransaction& transaction) const;
};

}  // namespace postern::services
