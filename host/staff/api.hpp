// The staff API below /api/: sign-in by API key, the host's own operations, and the staff doors of plugins.
//
// A POST, PATCH, PUT or DELETE runs in one transaction together with its idempotency record: its answer
// leaves after the commit, and asking again with the same Idempotency-Key gives the same answer and does
// nothing.
#pragma once

#include <memory>
#include <string_view>

#include "host/firm/firm.hpp"
#include "host/http/application.hpp"

namespace postern::staff {

/// Takes a request whose path is "/api" or begins with "/api/". `firm` outlives the exchange. [reactor
/// threads]
std::unique_ptr<http::Exchange> begin(firm::Firm& firm, http::RequestHead head);

/// What the server itself refused below /api (a body that is too large, a full queue), as problem details.
/// [any thread]
http::Response refused(int status, std::string_view reason);

}  // namespace postern::staff
