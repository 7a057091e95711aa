// The Audit service: an append-only, hash-chained record of who did what. The host fills in time, link,
// recipient, member, address and user agent of the request that carries the transaction.
#pragma once

#include <string_view>

#include "postern/clock.hpp"
#include "postern/database.hpp"

namespace postern {

/// Service "audit/1". [any thread, concurrent]
class Audit {
 public:
  static constexpr std::string_view kId = "audit/1";
  /// Appends a line. `event` is the plugin's word, e.g. "share.created" (lower case, dots); `subject` the id
  /// it is about; `details` a flat JSON object without tokens, at most 16 KiB.
  virtual Code append(Transaction& transaction, std::string_view event, std::string_view subject,
                      std::string_view details, ErrorSink& error) = 0;
  /// Lines of a subject, oldest first, as JSON objects one at a time:
  /// {"seq","at","event","subject","actor","details"} with "actor"
  /// {"member","link","recipient","address","user_agent"}; what does not apply is "".
  virtual Code list(Transaction& transaction, std::string_view subject, TextSink& lines,
                    ErrorSink& error) = 0;
  /// The same for one of the plugin's own links: what its recipient did, and what was done to it.
  virtual Code list_link(Transaction& transaction, std::string_view link, TextSink& lines,
                         ErrorSink& error) = 0;

 protected:
  ~Audit() = default;
};

}  // namespace postern
