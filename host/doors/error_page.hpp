// The pages that tell a person plainly what went wrong, until when it was right, and whom to ask.
#pragma once

#include <string>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"

namespace postern::doors {

/// A page for `error` in the firm's look and the reader's language. It says what kind it is, never the error's message,
/// which was written for programs and the log; `reference` finds it there. [any thread]
http::Response error_page(const firm::Firm& firm, const Error& error, const http::RequestHead& head,
                          const std::string& reference = {});

/// The page of a link that is there but cannot be used now: expired, used up, revoked or not yet valid.
http::Response ended_page(const firm::Firm& firm, const services::Link& link, Timestamp now,
                          const http::RequestHead& head);

}  // namespace postern::doors
