// Names of files and of people, made safe to store, to show and to offer to a browser.
#include "host/services/names.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <stdexcept>

#include "host/services/documents.hpp"

namespace postern::services {
namespace {

constexpr std::size_t kLookAt = 4096;        // bytes of a name; what comes after is a joke
constexpr std::size_t kExtensionLimit = 20;  // bytes, with the dot, kept when a name is cut
constexpr UChar32 kReplacement = 0xFFFD;

const icu::Normalizer2& nfc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const instance =
      icu::Normalizer2::getNFCInstance(status);  // ICU's own, never freed
  if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU has no NFC data: ") + u_errorName(status));
  return *instance;
}

/// At most `limit` bytes of UTF-8, cut between code points.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

/// Drawn as white space, or a line or paragraph end.
bool is_blank(UChar32 c) { return u_isUWhiteSpace(c) != 0; }

/// Not drawn, and able to make a name look like another one: controls, direction marks and overrides,
/// zero-width characters. The joiners stay, for Persian, Indic scripts and emoji need them; so do the
/// selectors behind emoji.
bool is_hidden(UChar32 c) {
  if (c == 0x200C || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F)) return false;
  const auto type = u_charType(c);
  return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR ||
         u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool is_forbidden_in_files(UChar32 c) {
  return c < 0x80 && std::string_view("/\\<>:\"|?*").find(static_cast<char>(c)) != std::string_view::npos;
}

enum class For : std::uint8_t { people, files };

/// NFC of `text` without hidden characters, with single spaces and none at the ends.
std::string tidy(std::string_view text, For whom) {
  const auto given = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  icu::UnicodeString kept;
  bool space = false;
  for (int32_t at = 0; at < given.length(); at = given.moveIndex32(at, 1)) {
    UChar32 c = given.char32At(at);
    if (is_blank(c)) {
      space = !kept.isEmpty();
      continue;
    }
    if (is_hidden(c)) continue;
    if (U_IS_UNICODE_NONCHAR(c) || U_IS_SURROGATE(c)) c = kReplacement;
    if (whom == For::files && is_forbidden_in_files(c)) c = '_';
    if (space) kept.append(' ');
    space = false;
    kept.append(c);
  }
  UErrorCode status = U_ZERO_ERROR;
  std::string tidied;
  nfc().normalize(kept, status).toUTF8String(tidied);
  if (U_FAILURE(status))
    throw std::runtime_error(std::string("ICU cannot normalise: ") + u_errorName(status));
  return tidied;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// A name that Windows keeps for a device, with or without an extension (Naming Files, Paths, and
/// Namespaces).
bool is_device(std::string_view name) {
  std::string stem;
  for (const char c : name.substr(0, name.find('.'))) stem += lower(c);
  while (stem.ends_with(' ')) stem.pop_back();
  for (const std::string_view device : {"con", "prn", "aux", "nul", "conin$", "conout$"})
    if (stem == device) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  for (const std::string_view digit :
       {"1", "2", "3", "4", "5", "6", "7", "8", "9", "\u00B9", "\u00B2", "\u00B3"})
    if (stem.substr(3) == digit) return true;
  return false;
}

void trim_end(std::string& name) {
  while (name.ends_with('.') || name.ends_with(' ')) name.pop_back();
}

/// Keeps a short extension, so that a cut name still opens with the right program.
void shorten(std::string& name) {
  if (name.size() <= kNameLimit) return;
  const auto dot = name.rfind('.');
  const std::string extension =
      dot != std::string::npos && dot > 0 && name.size() - dot <= kExtensionLimit ? name.substr(dot) : "";
  name = cut(name, kNameLimit - extension.size());
  trim_end(name);
  name += extension;
}

bool is_alphanumeric(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9'); }

bool is_local_part(std::string_view local) {
  if (local.empty() || local.size() > 64 || local.front() == '.' || local.back() == '.') return false;
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '.' && local[i - 1] == '.') return false;
    if (!is_alphanumeric(local[i]) &&
        std::string_view("!#$%&'*+/=?^_`{|}~-.").find(local[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

bool is_host_name(std::string_view host) {
  if (host.size() > 253) return false;
  for (std::size_t start = 0;;) {
    const auto dot = host.find('.', start);
    const auto label = host.substr(start, dot == std::string_view::npos ? dot : dot - start);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
      if (!is_alphanumeric(c) && c != '-') return false;
    if (dot == std::string_view::npos) return true;
    start = dot + 1;
  }
}

}  // namespace

std::string valid_text(std::string_view text, std::size_t limit) {
  // Each code point of the input is at least a byte, and nothing becomes shorter than that: more is never
  // needed.
  const auto given = text.substr(0, limit + 4);
  std::string valid;
  icu::UnicodeString::fromUTF8({given.data(), static_cast<int32_t>(given.size())})
      .findAndReplace(icu::UnicodeString(UChar32{0}), icu::UnicodeString())
      .toUTF8String(valid);
  return std::string(cut(valid, limit));
}

bool is_utf8(std::string_view text, bool cut_short) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(at++);
    if (lead < 0x80) continue;
    const unsigned trail = lead >= 0xC2 && lead < 0xE0   ? 1
                           : lead >= 0xE0 && lead < 0xF0 ? 2
                           : lead >= 0xF0 && lead < 0xF5 ? 3
                                                         : 0;
    if (trail == 0) return false;
    for (unsigned i = 0; i < trail; ++i, ++at) {
      if (at == text.size()) return cut_short;
      // The first byte after some leads is narrower: no overlong forms, no surrogates, nothing above
      // U+10FFFF.
      const unsigned low = i > 0 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const unsigned high = i > 0 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (byte(at) < low || byte(at) > high) return false;
    }
  }
  return true;
}

Result<std::string> clean_line(std::string_view text, std::size_t limit, std::string_view field) {
  const std::string name(field);
  if (!is_utf8(text.substr(0, kLookAt), true))
    return {Code::invalid, "The " + name + " is not valid UTF-8.", name};
  std::string line = text.size() > kLookAt ? std::string(text) : tidy(text, For::people);
  if (line.empty()) return {Code::invalid, "The " + name + " is empty; give one.", name};
  if (line.size() > limit)
    return {Code::invalid,
            "The " + name + " has " + std::to_string(line.size()) + " bytes; at most " +
                std::to_string(limit) + " are taken.",
            name};
  return line;
}

bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  return text.size() <= kEmailLimit && at != std::string_view::npos && is_local_part(text.substr(0, at)) &&
         is_host_name(text.substr(at + 1));
}

std::string clean_name(std::string_view name) {
  std::string clean = tidy(cut(name, kLookAt), For::files);
  trim_end(clean);
  if (is_device(clean)) clean.insert(0, "_");
  shorten(clean);
  return clean.empty() ? "unnamed" : clean;
}

std::string content_disposition(std::string_view name, Disposition disposition) {
  const std::string safe = clean_name(name);
  // '%' and the quotes are taken literally by some browsers and decoded by others (RFC 6266 appendix D).
  std::string plain;
  for (const char c : safe) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // one '_' a character, not a byte
    plain += byte >= 0x80 || c == '%' ? '_' : c;
  }
  std::string field = disposition == Disposition::attachment ? "attachment" : "inline";
  field += "; filename=\"" + plain + "\"";
  if (plain == safe) return field;
  field += "; filename*=UTF-8''";
  for (const char c : safe) {
    if (is_alphanumeric(c) || std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos) {
      field += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      field += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return field;
}

bool may_show_inline(std::string_view type) {
  // No SVG, HTML or XML: they run scripts. No TIFF and HEIC: browsers other than Safari offer them for
  // download.
  for (const std::string_view shown : {"application/pdf", "image/jpeg", "image/png", "image/gif",
                                       "image/webp", "image/avif", "image/bmp", "text/plain"})
    if (type == shown) return true;
  return false;
}

}  // namespace postern::services
