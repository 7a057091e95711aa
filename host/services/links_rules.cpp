#include "host/services/links_rules.hpp"

#include <algorithm>

namespace postern::services {
namespace {

constexpr std::size_t kLongestName = 200;      // bytes, as the others
constexpr std::size_t kLongestEmail = 254;     // RFC 5321 section 4.5.3.1.3, without the angle brackets
constexpr std::size_t kLongestLocalPart = 64;  // RFC 5321 section 4.5.3.1.1
constexpr std::size_t kLongestResource = 200;
constexpr std::size_t kLongestLanguage = 35;  // BCP 47 section 4.4.1

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }

/// Calls `fits` on each part between separators; false when one does not fit.
template <class Fits>
bool each_part(std::string_view text, char separator, Fits fits) {
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (!fits(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

/// dot-atom@domain of RFC 5322 section 3.4.1 in ASCII, the domain as DNS knows it (RFC 1035 section 2.3.1),
/// with a dot.
bool is_email(std::string_view email) {
  const std::size_t at = email.find('@');
  if (at == std::string_view::npos || at > kLongestLocalPart) return false;
  const auto is_atom = [](std::string_view atom) {
    constexpr std::string_view kSigns = "!#$%&'*+-/=?^_`{|}~";
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), [&](char c) {
      return is_alphanumeric(c) || kSigns.find(c) != std::string_view::npos;
    });
  };
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
  };
  const std::string_view domain = email.substr(at + 1);
  return each_part(email.substr(0, at), '.', is_atom) && domain.find('.') != std::string_view::npos &&
         each_part(domain, '.', is_label);
}

/// ITU-T E.164: at most 15 digits, the first not 0.
bool is_phone(std::string_view phone) {
  return phone.size() >= 8 && phone.size() <= 16 && phone[0] == '+' && phone[1] != '0' &&
         std::all_of(phone.begin() + 1, phone.end(), is_digit);
}

bool is_language(std::string_view language) {
  if (language.size() > kLongestLanguage) return false;
  bool first = true;
  return each_part(language, '-', [&](std::string_view part) {
    const bool fits =
        first ? part.size() >= 2 && part.size() <= 3 && std::all_of(part.begin(), part.end(), is_letter)
              : !part.empty() && part.size() <= 8 && std::all_of(part.begin(), part.end(), is_alphanumeric);
    first = false;
    return fits;
  });
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

Error refusal(std::string_view what, std::string_view field) {
  return {Code::invalid, std::string(what), std::string(field)};
}

Error too_long(std::string_view what, std::size_t found, std::size_t longest, std::string_view field) {
  return refusal(std::string(what) + " has " + std::to_string(found) + " bytes; at most " +
                     std::to_string(longest) + " are taken",
                 field);
}

std::string days(std::int64_t milliseconds) {
  if (milliseconds % kDay == 0)
    return std::to_string(milliseconds / kDay) + (milliseconds == kDay ? " day" : " days");
  const std::int64_t minutes = milliseconds / kMinute;
  return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

}  // namespace

Result<void> check_new_link(const NewLink& link) {
  if (link.resource.empty()) return refusal("a link needs a resource to open", "resource");
  if (link.resource.size() > kLongestResource) {
    return too_long("the resource", link.resource.size(), kLongestResource, "resource");
  }
  if (has_control_characters(link.resource))
    return refusal("the resource holds control characters", "resource");
  if (link.name.size() > kLongestName) {
    return too_long("the recipient's name", link.name.size(), kLongestName, "recipient.name");
  }
  if (has_control_characters(link.name)) {
    return refusal("the recipient's name holds control characters", "recipient.name");
  }
  if (link.email.size() > kLongestEmail) {
    return too_long("the recipient's email address", link.email.size(), kLongestEmail, "recipient.email");
  }
  if (!link.email.empty() && !is_email(link.email)) {
    return refusal("the recipient's email address is not of the form name@example.com", "recipient.email");
  }
  if (!link.phone.empty() && !is_phone(link.phone)) {
    return refusal("the recipient's phone number is not of the form +4930123456 (E.164)", "recipient.phone");
  }
  if (!link.language.empty() && !is_language(link.language)) {
    return refusal("the recipient's language is not a tag like \"en\" or \"pt-BR\" (BCP 47)",
                   "recipient.language");
  }
  if (link.maximum_uses < 0)
    return refusal("the number of uses is negative; 0 means any number", "maximum_uses");
  return {};
}

Result<void> check_expiry(Timestamp now, Timestamp not_before, Timestamp expires, std::int64_t longest) {
  if (expires <= now)
    return refusal("the link would have expired already; to end a link, revoke it", "expires");
  if (expires <= not_before) return refusal("the link would expire before it begins", "expires");
  if (expires - now > longest) {
    return refusal("the link would live longer than " + days(longest) + ", the most this firm allows",
                   "expires");
  }
  return {};
}

}  // namespace postern::services
