// The language of an answer: what the reader chose in the foot of the page (?language=ja), else the recipient's own,
// else the browser's, else the firm's.
#pragma once

#include <string>
#include <string_view>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"

namespace postern::doors {

/// One of the firm's languages. `recipient`: of the link, may be empty. [any thread]
std::string language_of(const firm::Firm& firm, const http::RequestHead& head, std::string_view recipient = {});

}  // namespace postern::doors
