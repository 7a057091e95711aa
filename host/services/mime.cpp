// Composing messages: header fields and bodies. Addresses are in mime_address.cpp.
#include "host/services/mime.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "host/crypto/crypto.hpp"

namespace postern::services::mime {
namespace {

constexpr std::size_t kLine = 76;         // what is aimed at; the standard's 78 counts no CRLF
constexpr std::size_t kEncodedWord = 75;  // RFC 2047 section 2
constexpr std::string_view kFold = "\r\n ";
constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

/// Bytes of the UTF-8 sequence that begins at `at`; 1 for what is none.
std::size_t code_point(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U)
    ++length;
  return length;
}

/// atext and space of RFC 5322 section 3.2.3: a phrase that needs no quotes.
bool is_plain_phrase(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~ ";
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && kOthers.find(c) == std::string_view::npos) return false;
  }
  return !text.empty() && text.front() != ' ' && text.back() != ' ' &&
         text.find("  ") == std::string_view::npos;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// "Name: value", the value folded between its words.
std::string folded(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ':';
  std::size_t column = out.size();
  while (!value.empty()) {
    const auto end = value.find(' ');
    const auto word = value.substr(0, end);
    if (column + 1 + word.size() > kLine && column > name.size() + 1) {
      out += "\r\n";
      column = 0;
    }
    out.append(" ").append(word);
    column += 1 + word.size();
    value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
  }
  return out + "\r\n";
}

std::string unstructured(std::string_view name, std::string_view value) {
  bool long_word = false;
  for (std::size_t run = 0, i = 0; i < value.size(); ++i) {
    run = value[i] == ' ' ? 0 : run + 1;
    long_word = long_word || run > kLine - 2;
  }
  const bool spaced =
      value.find("  ") != std::string_view::npos || value.starts_with(' ') || value.ends_with(' ');
  if (is_ascii(value) && !long_word && !spaced && value.find("=?") == std::string_view::npos)
    return folded(name, value);
  return std::string(name) + ": " + encoded_words(value, name.size() + 2) + "\r\n";
}

std::string mailbox_field(std::string_view name, const Mailbox& box) {
  std::string out = std::string(name) + ": ";
  if (box.name.empty()) return out + box.email + "\r\n";
  const bool simple = is_ascii(box.name) && box.name.size() < 60 && box.name.find("=?") == std::string::npos;
  out += !simple                     ? encoded_words(box.name, out.size())
         : is_plain_phrase(box.name) ? box.name
                                     : quoted(box.name);
  const auto line = out.rfind('\n');
  const auto column = line == std::string::npos ? out.size() : out.size() - line - 1;
  out += column + box.email.size() + 3 > kLine ? std::string(kFold) : std::string(" ");
  return out + "<" + box.email + ">\r\n";
}

/// One part, in the shorter of the two encodings that survive every relay.
std::string part(std::string_view type, std::string_view content) {
  std::size_t foreign = 0;
  for (const char c : content) foreign += static_cast<unsigned char>(c) >= 0x80;
  const bool readable = foreign * 6 < content.size();
  std::string out = "Content-Type: " + std::string(type) + "; charset=utf-8\r\n";
  if (readable)
    return out + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable(content);
  std::string canonical;
  for (const char c : content) {
    if (c == '\n') canonical += '\r';
    canonical += c;
  }
  return out + "Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(canonical);
}

}  // namespace

bool is_header_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return false;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return false;  // C1 controls
    if (text.substr(i).starts_with("\u2028") || text.substr(i).starts_with("\u2029")) return false;
  }
  return true;
}

std::string message_id(std::string_view id, std::string_view domain) {
  return "<" + std::string(id) + "@" + std::string(domain) + ">";
}

std::string date(Timestamp at) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = at.ms / kSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d +0000",
                kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                utc.tm_sec);
  return text;
}

std::string encoded_words(std::string_view text, std::size_t column) {
  constexpr std::string_view kOpen = "=?UTF-8?B?", kClose = "?=";
  std::string out;
  while (!text.empty()) {
    const auto room = std::min(kEncodedWord, column + 20 < kLine ? kLine - column : std::size_t{0});
    const auto bytes =
        room > kOpen.size() + kClose.size() ? (room - kOpen.size() - kClose.size()) / 4 * 3 : 0;
    std::size_t taken = 0;
    while (taken < text.size() && taken + code_point(text, taken) <= bytes) taken += code_point(text, taken);
    if (taken > 0) {
      const auto word =
          std::string(kOpen) + crypto::base64(crypto::bytes(text.substr(0, taken))) + std::string(kClose);
      out += word;
      text.remove_prefix(taken);
    }
    if (!text.empty()) out += kFold;
    column = 1;
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out, line;
  const auto flush = [&](bool soft) {
    out += line;
    out += soft ? "=\r\n" : "\r\n";
    line.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      flush(false);
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    // A dot or "From " in front of a line has been changed by relays; a space at its end is dropped.
    const bool fragile = (line.empty() && (c == '.' || text.substr(i).starts_with("From "))) ||
                         ((c == ' ' || c == '\t') && ends_line);
    const bool literal = ((c >= 0x21 && c <= 0x7E && c != '=') || c == ' ' || c == '\t') && !fragile;
    const std::size_t needs = literal ? 1 : 3;
    // Bytes of one code point stay on one line, so that a person can still guess at the source.
    const std::size_t together = c >= 0xC0 ? 3 * code_point(text, i) : needs;
    if (line.size() + together > kLine - 1) flush(true);
    if (literal) {
      line += static_cast<char>(c);
    } else {
      line += '=';
      line += kHex[c >> 4U];
      line += kHex[c & 15U];
    }
  }
  if (!line.empty()) flush(false);
  return out;
}

std::string base64_lines(std::string_view bytes) {
  const auto whole = crypto::base64(crypto::bytes(bytes));
  std::string out;
  for (std::size_t at = 0; at < whole.size(); at += kLine) out.append(whole, at, kLine).append("\r\n");
  return out;
}

Result<std::string> compose(const Message& message) {
  for (const auto& [text, what] :
       {std::pair<const std::string&, const char*>{message.from.name, "the sender's name"},
        {message.to.name, "the recipient's name"},
        {message.reply_to.name, "the member's name"},
        {message.subject, "the subject"},
        {message.id, "the message's id"},
        {message.domain, "the mail domain"},
        {message.language, "the language"},
        {message.from.email, "the sender's address"},
        {message.to.email, "the recipient's address"},
        {message.reply_to.email, "the reply address"}})
    if (!is_header_text(text))
      return {Code::invalid,
              std::string(what) + " holds a line break or a control character; a mail cannot carry it"};

  // "=_" occurs in no quoted-printable and no base64 text, so the boundary is in neither part.
  const auto boundary = "=_" + message.id;
  std::string out = "Date: " + date(message.date) + "\r\n";
  out += mailbox_field("From", message.from);
  if (!message.reply_to.email.empty()) out += mailbox_field("Reply-To", message.reply_to);
  out += mailbox_field("To", message.to);
  out += unstructured("Subject", message.subject);
  out += "Message-ID: " + message_id(message.id, message.domain) + "\r\n";
  out += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: no vacation answer comes back
  out += "MIME-Version: 1.0\r\n";
  if (!message.language.empty()) out += "Content-Language: " + message.language + "\r\n";
  out += "Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n" + part("text/plain", message.text);
  out += "\r\n--" + boundary + "\r\n" + part("text/html", message.html);
  out += "\r\n--" + boundary + "--\r\n";
  return out;
}

}  // namespace postern::services::mime
