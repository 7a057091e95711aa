// The pages that tell a person plainly what went wrong, until when it was right, and whom to ask.
#pragma once

#include <string>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"

namespace postern::doors {

/// A page for `error` in the firm's look and the browser's language. Code::internal shows `reference` only, never the
/// message: that one is for the log. [any thread]
http::Response error_page(const firm::Firm& firm, const Error& error, const http::RequestHead& head,
                          const std::string& reference = {});

/// The page of a link that is there but cannot be used now: expired, used up, revoked or not yet valid.
http::Response ended_page(const firm::Firm& firm, const services::Link& link, Timestamp now,
                          const http::RequestHead& head);

}  // namespace postern::doors
