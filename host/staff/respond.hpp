// From an Answer to a Response, and what both kinds of exchange share.
#pragma once

#include <functional>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"
#include "host/staff/idempotency.hpp"
#include "host/staff/problem.hpp"

namespace postern::staff {

/// With Content-Type, no-store and nosniff; a document is opened here. An answer with a fault is written to
/// the log. [may block]
http::Response respond(const firm::Firm& firm, const http::RequestHead& head, Answer answer);

/// Runs `check` (may this caller still do it?) and `work` in one writing transaction with the idempotency
/// record: an earlier answer is replayed, a new one recorded together with what `work` wrote. An answer of
/// 400 and above rolls everything back. [may block]
Answer write_once(firm::Firm& firm, const Attempt& attempt,
                  const std::function<Answer(db::HostTransaction&)>& check,
                  const std::function<Answer(db::HostTransaction&)>& work);

/// Runs `act` and turns an exception, which is a bug or a broken machine, into 500.
Answer fenced(const std::function<Answer()>& act);

}  // namespace postern::staff
