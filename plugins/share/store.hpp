// The plugin's tables: shares, their documents, and who got a link.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"
#include "postern/result.hpp"
#include "postern/rows.hpp"

namespace postern::share {

struct ShareFilter {
  std::string before;    // id; shares older than it. Empty: from the newest
  std::string email;     // somebody with that address got a link; empty: any
  std::string document;  // holds that document; empty: any
  int limit = 50;
};

/// Every call works within `tx` and may block. [any thread]
class Store {
 public:
  /// A share with its documents; its recipients are added one by one.
  static Result<void> add(Tx tx, const Share& share);
  static Result<void> add_recipient(Tx tx, std::string_view share, const SharedWith& recipient);

  /// With documents and recipients. Code::not_found when there is none.
  static Result<Share> find(Tx tx, std::string_view id);
  /// With documents, without recipients: what a recipient's page needs.
  static Result<Share> find_for_page(Tx tx, std::string_view id);
  static Result<std::optional<SharedDocument>> find_document(Tx tx, std::string_view share,
                                                             std::string_view document);
  /// Newest first, each with documents and without recipients.
  static Result<std::vector<Share>> list(Tx tx, const ShareFilter& filter);

  static Result<void> set_revoked(Tx tx, std::string_view id, Timestamp at);
  /// Remembers the message that was queued last for a recipient.
  static Result<void> set_message(Tx tx, std::string_view link, std::string_view message, Timestamp at);
};

}  // namespace postern::share
