// Texts that people and strangers give: names of files, folders and accounts, email addresses. ICU is used in
// names.cpp only. clean_name() and content_disposition() are declared in documents.hpp, beside what they are
// for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "postern/result.hpp"

namespace postern::services {

inline constexpr std::size_t kNameLimit = 200;           // bytes, of names that are shown
inline constexpr std::size_t kOriginalNameLimit = 1000;  // bytes, of a name as it was sent
inline constexpr std::size_t kEmailLimit = 254;  // RFC 5321 section 4.5.3.1.3, without the angle brackets

/// As sent, as far as a database can hold it: malformed UTF-8 becomes U+FFFD, NUL is dropped, cut at `limit`
/// bytes between code points. [any thread]
std::string valid_text(std::string_view text, std::size_t limit);

/// One line for people: NFC, control and direction characters dropped, white space made single spaces,
/// trimmed. Not cut: Code::invalid naming `field` when it is empty, longer than `limit` bytes or not UTF-8.
/// [any thread]
Result<std::string> clean_line(std::string_view text, std::size_t limit, std::string_view field);

/// An address as mail servers everywhere take it: ASCII, dot-atom local part (64), host name (RFC 5321
/// section 4.1.2 without quoted strings and address literals), at most 254 bytes. [any thread]
bool is_email(std::string_view text);

/// Strict UTF-8 (RFC 3629). `cut`: the text may end within a code point, because it is the beginning of a
/// longer one. [any thread]
bool is_utf8(std::string_view text, bool cut = false);

}  // namespace postern::services
