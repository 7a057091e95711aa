// Messages on the wire: header fields no value can break out of, names in every script, and Python's mail
// parser as judge.
#include "host/services/mime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/fixtures/database.hpp"

namespace postern::services::mime {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Message plain() {
  Message message;
  message.id = "0190a5b4-0000-7000-8000-000000000001";
  message.domain = "links.acme.example";
  message.date = {1'796'220'000'000};
  message.from = {"Ana Ruiz via Acme Tax", "links@acme.example"};
  message.to = {"Jane Doe", "jane@example.net"};
  message.reply_to = {"Ana Ruiz", "ana@acme.example"};
  message.subject = "Acme Tax shares 3 documents with you";
  message.language = "en";
  message.text = "Hello Jane,\n\nhere they are.\n";
  message.html = "<p>Hello Jane</p>\n";
  return message;
}

/// What Python's parser reads: one field a line, then both parts; what it finds wrong comes first.
std::string as_python_reads(const std::string& content) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "mail.eml", script = folder.path() / "read.py",
             out = folder.path() / "out";
  std::ofstream(file, std::ios::binary) << content;
  std::ofstream(script) << R"(
import email, email.header, email.policy, email.utils, sys
message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
out = open(sys.argv[2], "w", encoding="utf-8", newline="")
for part in message.walk():
    for defect in part.defects: out.write(f"DEFECT {defect!r}\n")
for name in message.keys():
    for defect in message[name].defects: out.write(f"DEFECT {name} {defect!r}\n")
plain = email.message_from_binary_file(open(sys.argv[1], "rb"))  # the strict policy puts a space between encoded words of a name
for name in ("From", "To", "Reply-To"):
    if not message[name]: continue
    (address,) = message[name].addresses
    raw, _ = email.utils.parseaddr(plain[name].replace("\r", "").replace("\n", ""))
    out.write(f"{name}|{email.header.make_header(email.header.decode_header(raw))}|{address.addr_spec}\n")
out.write(f"Subject|{message['Subject']}\nDate|{message['Date'].datetime.isoformat()}\nId|{message['Message-ID']}\n")
out.write(f"Type|{message.get_content_type()}|{[p.get_content_type() for p in message.iter_parts()]}\n")
body = lambda kind: message.get_body((kind,)).get_content().replace("\r\n", "\n")
out.write("TEXT|" + body("plain") + "\nHTML|" + body("html"))
)";
  const auto command =
      "python3 '" + script.string() + "' '" + file.string() + "' '" + out.string() + "' 2>&1";
  FILE* python = ::popen(command.c_str(), "r");
  std::string said;
  for (int c = 0; (c = std::fgetc(python)) != EOF;) said += static_cast<char>(c);
  if (::pclose(python) != 0) return "python3 failed: " + said;
  std::ostringstream text;
  text << std::ifstream(out, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    longest = std::max(longest, std::min(end, text.size()));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return longest;
}

/// Every line end is CRLF, and there is no other CR or LF.
bool has_only_crlf(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) return false;
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return false;
  }
  return true;
}

TEST(Mime, ComposesWhatAnotherParserReads) {
  const auto content = compose(plain());
  ASSERT_TRUE(content.ok()) << content.error().message;
  EXPECT_TRUE(has_only_crlf(*content));
  EXPECT_LE(longest_line(*content), 78U);
  EXPECT_EQ(as_python_reads(*content),
            "From|Ana Ruiz via Acme Tax|links@acme.example\n"
            "To|Jane Doe|jane@example.net\n"
            "Reply-To|Ana Ruiz|ana@acme.example\n"
            "Subject|Acme Tax shares 3 documents with you\n"
            "Date|2026-12-02T14:00:00+00:00\n"
            "Id|<0190a5b4-0000-7000-8000-000000000001@links.acme.example>\n"
            "Type|multipart/alternative|['text/plain', 'text/html']\n"
            "TEXT|Hello Jane,\n\nhere they are.\n\nHTML|<p>Hello Jane</p>\n");
  EXPECT_THAT(*content, AllOf(HasSubstr("\r\nAuto-Submitted: auto-generated\r\n"),
                              HasSubstr("\r\nMIME-Version: 1.0\r\n"), Not(HasSubstr("List-Unsubscribe"))));
}

TEST(Mime, CarriesNamesOfEveryKind) {
  std::string long_name, long_japanese;
  for (int i = 0; i < 15; ++i) long_name += "Maximilian ", long_japanese += "株式会社山田";
  long_name.pop_back();
  for (const std::string& name :
       {std::string("山田 太郎"), std::string("Zoë Müller-Lüdenscheidt"),
        std::string("🦊 Fox & Söhne 👩‍👩‍👧"), std::string("Doe, Jane \"JD\" \\ <x@y.example>"),
        std::string("=?UTF-8?B?aGk=?="), std::string("a  b"), std::string("O'Brien (Ltd.)"),
        std::string("שלום עולם"), long_name, long_japanese}) {
    auto message = plain();
    message.from.name = message.to.name = message.subject = name;
    const auto content = compose(message);
    ASSERT_TRUE(content.ok()) << name;
    const auto read = as_python_reads(*content);
    EXPECT_THAT(read,
                AllOf(Not(HasSubstr("DEFECT")), HasSubstr("From|" + name + "|links@acme.example\n"),
                      HasSubstr("To|" + name + "|jane@example.net\n"), HasSubstr("Subject|" + name + "\n")));
    EXPECT_LE(longest_line(*content), 78U) << name;
    EXPECT_TRUE(std::all_of(content->begin(), content->end(),
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}

TEST(Mime, RefusesEveryAttemptToAddAField) {
  const char* hostile[] = {"a\r\nBcc: x@evil.example",
                           "a\nBcc: x@evil.example",
                           "a\rBcc: x@evil.example",
                           "a\x0b"
                           "b",
                           "tab\tname",
                           "a\x7f",
                           "a\xc2\x85"
                           "b",
                           "a\u2028b",
                           "\r\n"};
  for (const auto* text : hostile) {
    for (const int place : {0, 1, 2, 3}) {
      auto message = plain();
      (place == 0   ? message.from.name
       : place == 1 ? message.to.name
       : place == 2 ? message.reply_to.name
                    : message.subject) = text;
      const auto content = compose(message);
      ASSERT_FALSE(content.ok()) << text << " at " << place;
      EXPECT_EQ(content.code(), Code::invalid);
    }
    auto message = plain();
    message.to.email = std::string("jane@example.net") + text;
    EXPECT_FALSE(compose(message).ok()) << text;
  }
  auto message = plain();
  message.to.name = std::string("a\0b", 3);
  EXPECT_FALSE(compose(message).ok());
  EXPECT_EQ(compose(message).error().message,
            "the recipient's name holds a line break or a control character; a mail cannot carry it");
}

TEST(Mime, KeepsEveryBodyByteForByte) {
  std::string long_line(1200, 'x'), japanese;
  for (int i = 0; i < 200; ++i) japanese += "書類をお送りします。";
  for (const std::string& body :
       {std::string("From here\n.dot\n..two dots\n"), std::string("ends with space \nand tab\t\n"),
        std::string("a=b =20 100% =\n"), long_line + "\n", japanese + "\n" + japanese + "\n",
        std::string("caf\u00e9 na\u00efve \u2013 \u20ac\n"), std::string("--=_x\n--\n\n\n")}) {
    auto message = plain();
    message.text = message.html = body;
    const auto content = compose(message);
    ASSERT_TRUE(content.ok());
    EXPECT_LE(longest_line(*content), 78U);
    EXPECT_TRUE(has_only_crlf(*content));
    const auto read = as_python_reads(*content);
    EXPECT_THAT(read, AllOf(Not(HasSubstr("DEFECT")), HasSubstr("TEXT|" + body), HasSubstr("HTML|" + body)));
    EXPECT_THAT(*content, AllOf(Not(HasSubstr("\r\n.")), Not(HasSubstr("\r\nFrom here"))));
  }
}

TEST(Mime, KeepsEncodedWordsWithin75AndCutsBetweenCodePoints) {
  std::string name;
  for (int i = 0; i < 60; ++i) name += i % 2 ? "🦊" : "é";
  const auto words = encoded_words(name, 9);
  std::istringstream lines(words);
  for (std::string word; lines >> word;) {
    EXPECT_LE(word.size(), 75U);
    EXPECT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?="));
    EXPECT_EQ((word.size() - 12) % 4, 0U);
  }
}

TEST(Mime, TakesOnlyAddressesEveryServerTakes) {
  const std::pair<const char*, const char*> good[] = {
      {"jane@example.net", "jane@example.net"},
      {"jane.o'hara+tax@sub.example.co.uk", "jane.o'hara+tax@sub.example.co.uk"},
      {"info@b\u00fccher.example", "info@xn--bcher-kva.example"},
      {"info@例え.jp", "info@xn--r8jz45g.jp"}};
  for (const auto& [given, wanted] : good) {
    const auto address = envelope_address(given);
    ASSERT_TRUE(address.ok()) << given << ": " << address.error().message;
    EXPECT_EQ(*address, wanted);
  }
  const std::string too_long = std::string(65, 'a') + "@example.net";
  for (const std::string& bad : {std::string(),
                                 std::string("jane"),
                                 std::string("@example.net"),
                                 std::string("jane@"),
                                 std::string("jane@localhost"),
                                 std::string("ja ne@example.net"),
                                 std::string("jane@exa mple.net"),
                                 std::string("jane@example.net\r\nBcc: x@y.example"),
                                 std::string("<jane@example.net>"),
                                 std::string("\"j d\"@example.net"),
                                 std::string("jane@[127.0.0.1]"),
                                 std::string("j..d@example.net"),
                                 std::string(".j@example.net"),
                                 std::string("j.@example.net"),
                                 std::string("j@-a.example"),
                                 std::string("j@a-.example"),
                                 std::string("j@a..example"),
                                 std::string("jäne@example.net"),
                                 too_long,
                                 std::string("a@b@example.net"),
                                 std::string("a,b@example.net"),
                                 std::string("a@example.net,b@example.net")}) {
    EXPECT_EQ(envelope_address(bad).code(), Code::invalid) << bad;
  }
  EXPECT_EQ(envelope_address("jane").error().message,
            "the email address has no @; want one like name@example.com");
}

TEST(Mime, WritesDatesAsTheStandardWants) {
  EXPECT_EQ(date({0}), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(date({1'796'220'007'999}), "Wed, 02 Dec 2026 14:00:07 +0000");
}

}  // namespace
}  // namespace postern::services::mime
