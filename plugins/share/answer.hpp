// What staff get: shares and recipients as JSON, and problem details for what is refused.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activity.hpp"
#include "input.hpp"
#include "model.hpp"
#include "postern/services.hpp"

namespace postern::share {

/// A recipient of a share with everything known of the link.
struct RecipientView {
  OwnedLink link;
  Timestamp notified;  // 0: never
  Delivery delivery = Delivery::none;
  std::string address;  // holds the token; empty: not for this caller, or the link is revoked
  std::map<std::string, Fate> fates;
};

/// How the recipients of a share stand, counted.
struct Summary {
  int recipients = 0, opened = 0, downloaded = 0, active = 0, expired = 0, used_up = 0, revoked = 0;
};
Summary summary(const std::vector<OwnedLink>& links);

/// "active", "used-up", …
std::string_view name(LinkState state);
/// How far a recipient has come: "downloaded", "opened", "sent", "waiting", "failed" or "none".
std::string_view progress(const RecipientView& recipient);

nlohmann::ordered_json to_json(const RecipientView& recipient, const Share& share);
/// Without recipients but their counts: an entry of a list.
nlohmann::ordered_json to_json(const Share& share, const Summary& summary);

/// application/problem+json (RFC 9457) of a 400 with one or several wrong parts.
std::string problem(const std::vector<FieldError>& errors);

}  // namespace postern::share
