// Checks on texts that come from outside: UTF-8, times, addresses. Pure functions. [any thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "postern/text.hpp"
#include "postern/time.hpp"

namespace postern::share {

using text::from_rfc3339;
using text::is_email;
using text::to_rfc3339;

enum class Lines : std::uint8_t { one, many };

/// Code points of `text`. Empty when it is not UTF-8 (RFC 3629: no surrogates, no overlong forms), or holds a
/// control character (line feeds and tabs pass with Lines::many) or one that turns the direction of what
/// follows.
std::optional<std::size_t> characters(std::string_view text, Lines lines);

/// Without white space at both ends, and with CR LF made LF.
std::string tidied(std::string_view text);

/// The part of `text` that fits a message, whole characters only, "…" behind when some is missing; '?' in
/// place of what characters() does not take.
std::string shortened(std::string_view text);

/// E.164 as people type it: '+', then 7 to 15 digits.
bool is_phone(std::string_view text);
/// The shape of a BCP 47 tag: "en", "ja", "pt-BR".
bool is_language(std::string_view text);
/// 36 characters of the form 8-4-4-4-12 hex.
bool is_id(std::string_view text);

/// ASCII letters made small: two addresses that differ in nothing else are one mailbox.
std::string lower(std::string_view text);

/// A UUIDv7 (RFC 9562 section 5.7) of `now` and at least 19 random hex digits: ids sort by time.
std::string uuid7(Timestamp now, std::string_view random);

}  // namespace postern::share
