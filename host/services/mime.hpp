// Internet messages as RFC 5322 and the MIME standards want them: two alternative parts, names in every
// script.
#pragma once

#include <string>
#include <string_view>

#include "postern/result.hpp"
#include "postern/time.hpp"

namespace postern::services::mime {

/// A person in a header field. `email` is plain ASCII, as envelope_address() gives it.
struct Mailbox {
  std::string name;  // UTF-8; may be empty
  std::string email;
};

struct Message {
  std::string id;  // unique, of letters, digits and '-'; makes Message-ID and boundary
  std::string domain;
  Timestamp date;
  Mailbox from, to;
  Mailbox reply_to;  // no email: no such field
  std::string subject;
  std::string language;    // BCP 47
  std::string text, html;  // UTF-8, '\n' line ends
};

/// The whole message with CRLF line ends, no line over 998 and, where words allow it, none over 78
/// characters. Code::invalid when a name, the subject or an address holds a line break or another control
/// character. [any thread]
Result<std::string> compose(const Message& message);

/// "<id@domain>"
std::string message_id(std::string_view id, std::string_view domain);

/// An address as it travels (RFC 5321 section 4.1.2, RFC 5890): the local part as it is, an international
/// domain in its ASCII form. Code::invalid with one sentence for anything else, quoted local parts and
/// address literals included.
Result<std::string> envelope_address(std::string_view email);

/// True when a header field may hold it: UTF-8 without control characters, line or paragraph separators. [any
/// thread]
bool is_header_text(std::string_view text);

/// RFC 5322 section 3.3, in UTC: "Mon, 23 Nov 2026 20:22:07 +0000".
std::string date(Timestamp at);

/// RFC 2047: encoded words of at most 75 characters, cut between code points, folded. `column`: where the
/// first begins.
std::string encoded_words(std::string_view text, std::size_t column);
/// RFC 2045 section 6.7, of text with '\n' line ends.
std::string quoted_printable(std::string_view text);
/// RFC 2045 section 6.8, in lines of 76.
std::string base64_lines(std::string_view bytes);

}  // namespace postern::services::mime
