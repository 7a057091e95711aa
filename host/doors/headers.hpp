// The header fields that every page carries (OWASP ASVS 5.0: 3.4, 14.3.2).
#pragma once

#include "host/http/message.hpp"

namespace postern::doors {

/// CSP without inline or eval (data: pictures only, for the icons of the style sheet), nosniff, no-referrer, no-store, noindex; HSTS when the request came over TLS.
void add_page_headers(http::Response& response, bool secure);

/// A whole HTML page with those fields.
http::Response html(int status, std::string page, std::string_view language, bool secure);

/// One line of text, for what is not a person's page: 404 of an unknown host, health.
http::Response plain(int status, std::string text);

}  // namespace postern::doors
