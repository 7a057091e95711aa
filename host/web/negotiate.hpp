// What a client takes, by its Accept-Encoding and If-None-Match fields.
#pragma once

#include <string_view>

namespace postern::web {

struct Codings {
  bool br = false;
  bool gzip = false;
};

/// RFC 9110 section 12.5.3: a coding with q=0 is refused, `*` stands for those not named. Nothing malformed
/// is an error: what cannot be read is not accepted. [any thread]
Codings accepted_codings(std::string_view accept_encoding);

/// RFC 9110 section 13.1.2, weak comparison; `*` matches. [any thread]
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace postern::web
