// Which of the firm's languages a reader gets.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace postern::services {

/// The first of `languages` that fits the wished-for one, else the best by Accept-Language (RFC 9110
/// section 12.5.4, matched by RFC 4647 section 3.4 lookup), else `fallback`. "en-US" fits "en", and "en" fits
/// "en-GB". [any thread]
std::string choose_language(std::span<const std::string> languages, std::string_view wished,
                            std::string_view accept_language, std::string_view fallback);

}  // namespace postern::services
