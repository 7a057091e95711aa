// application/x-www-form-urlencoded (WHATWG URL, section 5), strictly and with limits: bodies of forms, and queries.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::doors {

using Form = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kMostFormFields = 1000;

/// Empty when it is malformed: a bad percent escape, text that is not UTF-8, a NUL, more than kMostFormFields.
std::optional<Form> parse_form(std::string_view text);

/// True for the media type of forms, with or without parameters.
bool is_form(std::string_view content_type);

/// Percent-encodes one path segment (RFC 3986 section 3.3).
std::string encode_segment(std::string_view text);

}  // namespace postern::doors
