// Mail addresses: what may be put into an envelope. International domains go to ASCII by ICU (UTS #46).
#include <unicode/idna.h>
#include <unicode/unistr.h>

#include <memory>

#include "host/services/mime.hpp"

namespace postern::services::mime {
namespace {

constexpr std::size_t kLongestLocal = 64;     // RFC 5321 section 4.5.3.1.1
constexpr std::size_t kLongestAddress = 254;  // RFC 5321 section 4.5.3.1.3, without the brackets

Error wrong(std::string_view email, const std::string& what) {
  // The address itself is personal; the caller knows which one it was.
  (void)email;
  return {Code::invalid, "the email address " + what + "; want one like name@example.com", "email"};
}

bool is_dot_atom(std::string_view local) {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  char before = '.';
  for (const char c : local) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && kOthers.find(c) == std::string_view::npos) return false;
    if (c == '.' && before == '.') return false;
    before = c;
  }
  return before != '.';
}

/// Letters, digits and hyphens, at least two labels (RFC 1123 section 2.1).
bool is_host_name(std::string_view domain) {
  std::size_t label = 0, dots = 0;
  char before = '.';
  for (const char c : domain) {
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
      ++dots;
    } else {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if ((!letter && c != '-') || (label == 0 && c == '-') || ++label > 63) return false;
    }
    before = c;
  }
  return label > 0 && before != '-' && dots > 0;
}

Result<std::string> ascii_domain(std::string_view email, std::string_view domain) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(
      UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
      status));
  icu::IDNAInfo info;
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  if (U_SUCCESS(status))
    idna->nameToASCII_UTF8(icu::StringPiece(domain.data(), static_cast<int32_t>(domain.size())), sink, info,
                           status);
  if (U_FAILURE(status) || info.hasErrors() || !is_host_name(ascii))
    return wrong(email, "has no host name after its @ that mail could be sent to");
  return ascii;
}

}  // namespace

Result<std::string> envelope_address(std::string_view email) {
  if (email.empty()) return wrong(email, "is missing");
  if (email.size() > kLongestAddress) return wrong(email, "is longer than 254 bytes");
  const auto at = email.rfind('@');
  if (at == std::string_view::npos) return wrong(email, "has no @");
  const auto local = email.substr(0, at);
  if (local.empty() || local.size() > kLongestLocal || !is_dot_atom(local))
    return wrong(email, "has something before its @ that mail servers do not all take");
  POSTERN_TRY(const auto domain, ascii_domain(email, email.substr(at + 1)));
  if (at + 1 + domain.size() > kLongestAddress) return wrong(email, "is longer than 254 bytes");
  return std::string(local) + "@" + domain;
}

}  // namespace postern::services::mime
