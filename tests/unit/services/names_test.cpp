// Names as strangers give them, and what may be stored, shown and offered to a browser.
#include "host/services/names.hpp"

#include <gtest/gtest.h>

#include <random>

#include "host/services/documents.hpp"

namespace postern::services {
namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  while (count-- > 0) all += text;
  return all;
}

const std::pair<std::string, std::string> kNames[] = {
    {"Tax return 2026.pdf", "Tax return 2026.pdf"},
    {"Jahresabschlu\u00DF.pdf", "Jahresabschlu\u00DF.pdf"},
    {"契約書.pdf", "契約書.pdf"},
    {"cafe\u0301.pdf", "caf\u00E9.pdf"},       // NFD, as macOS sends it
    {"\u1112\u1161\u11AB.pdf", "\uD55C.pdf"},  // Hangul jamo
    {"\u212B.txt", "\u00C5.txt"},              // Angstrom sign
    {"a/b.pdf", "a_b.pdf"},
    {"../../etc/passwd", ".._.._etc_passwd"},
    {"C:\\Users\\me\\x.pdf", "C__Users_me_x.pdf"},
    {"a<b>c:d\"e|f?g*h.pdf", "a_b_c_d_e_f_g_h.pdf"},
    {"line\nbreak\r\n.pdf", "line break .pdf"},
    {"tab\tname.pdf", "tab name.pdf"},
    {std::string("nul\0byte.pdf", 12), "nulbyte.pdf"},
    {"bell\x07.pdf", "bell.pdf"},
    {"del\x7F.pdf", "del.pdf"},
    {"c1\u0085x\u009B.pdf", "c1 x.pdf"},         // NEL is white space, CSI a control
    {"invoice\u202Efdp.exe", "invoicefdp.exe"},  // right-to-left override
    {"\u200Ea\u200F\u061Cb\u2066c\u2069\u202A.pdf", "abc.pdf"},
    {"zero\u200Bwidth\uFEFF.pdf", "zerowidth.pdf"},
    {"soft\u00ADhyphen.pdf", "softhyphen.pdf"},
    {"tags\U000E0041\U000E0042.pdf", "tags.pdf"},
    {"filler\u3164\uFFA0\u115F.pdf", "filler.pdf"},
    {"para\u2029line\u2028.pdf", "para line .pdf"},
    {"\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645.pdf",
     "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645.pdf"},  // Persian needs its joiner
    {"\U0001F468\u200D\U0001F469\u200D\U0001F467.png", "\U0001F468\u200D\U0001F469\u200D\U0001F467.png"},
    {"\u2764\uFE0F.png", "\u2764\uFE0F.png"},
    {"  spaced   out  .pdf", "spaced out .pdf"},
    {"bill.pdf                         .exe", "bill.pdf .exe"},
    {"no\u00A0break\u3000wide.pdf", "no break wide.pdf"},
    {"trailing dots...", "trailing dots"},
    {"trailing . . ", "trailing"},
    {".", "unnamed"},
    {"..", "unnamed"},
    {"...", "unnamed"},
    {"", "unnamed"},
    {"   ", "unnamed"},
    {"\u200B\u202E", "unnamed"},
    {"/", "_"},
    {".htaccess", ".htaccess"},
    {"CON", "_CON"},
    {"con.txt", "_con.txt"},
    {"Aux.tar.gz", "_Aux.tar.gz"},
    {"nul .pdf", "_nul .pdf"},
    {"COM1", "_COM1"},
    {"com\u00B9.txt", "_com\u00B9.txt"},
    {"LPT9.pdf", "_LPT9.pdf"},
    {"COM10.pdf", "COM10.pdf"},
    {"COM0", "COM0"},
    {"console.txt", "console.txt"},
    {"CONIN$", "_CONIN$"},
    {"\xff\xfe.pdf", "\uFFFD\uFFFD.pdf"},
    {"cut\xe2\x82", "cut\uFFFD"},
    {"overlong\xc0\xaf.pdf", "overlong\uFFFD\uFFFD.pdf"},
    {"surrogate\xed\xa0\x80.pdf", "surrogate\uFFFD\uFFFD\uFFFD.pdf"},
    {"nonchar\uFFFF.pdf", "nonchar\uFFFD.pdf"},
    {"-rf", "-rf"},
    {"a%2Fb.pdf", "a%2Fb.pdf"},
    {"'; drop table documents; --.pdf", "'; drop table documents; --.pdf"},
    {times(300, "a"), times(200, "a")},
    {times(300, "a") + ".pdf", times(196, "a") + ".pdf"},
    {times(100, "契"), times(66, "契")},
    {times(100, "契") + ".pdf", times(65, "契") + ".pdf"},
    {"a." + times(300, "b"), "a." + times(198, "b")},
    {times(195, "a") + ". " + times(50, "b") + ".pdf", times(195, "a") + ".pdf"},
    {times(2000, "\u202E") + "a.pdf", "unnamed"},
};

TEST(CleanName, AnswersAsTheTableSays) {
  for (const auto& [given, wanted] : kNames) EXPECT_EQ(clean_name(given), wanted) << given;
}

TEST(CleanName, IsCleanTheSecondTime) {
  for (const auto& [given, wanted] : kNames) EXPECT_EQ(clean_name(wanted), wanted);
}

TEST(CleanName, KeepsItsPromisesOfAnything) {
  std::mt19937 random(3);
  const std::string_view pieces[] = {".",          " ",      "/",    "\\", "con",         "a",
                                     "\u0301",     "\u202E", "\xff", "\n", "é",           "契",
                                     "\U0001F600", "\u200D", ".pdf", ":",  "\u1112\u1161"};
  for (int i = 0; i < 20'000; ++i) {
    std::string name;
    for (auto count = random() % 120; count > 0; --count) name += pieces[random() % std::size(pieces)];
    const std::string clean = clean_name(name);
    ASSERT_FALSE(clean.empty()) << name;
    ASSERT_LE(clean.size(), 200U) << name;
    ASSERT_TRUE(is_utf8(clean)) << name;
    ASSERT_EQ(clean.find_first_of("/\\:\n"), std::string::npos) << name;
    ASSERT_NE(clean.back(), '.') << name;
    ASSERT_NE(clean.back(), ' ') << name;
    ASSERT_EQ(clean_name(clean), clean) << name;
  }
}

TEST(ContentDisposition, HasAnAsciiNameForOldBrowsersAndTheWholeOne) {
  const auto attachment = [](std::string_view name) {
    return content_disposition(name, Disposition::attachment);
  };
  EXPECT_EQ(attachment("a.pdf"), "attachment; filename=\"a.pdf\"");
  EXPECT_EQ(content_disposition("a.pdf", Disposition::inline_view), "inline; filename=\"a.pdf\"");
  EXPECT_EQ(attachment("Tax (2026), it's #1.pdf"), "attachment; filename=\"Tax (2026), it's #1.pdf\"");
  EXPECT_EQ(attachment("caf\u00E9.pdf"), "attachment; filename=\"caf_.pdf\"; filename*=UTF-8''caf%C3%A9.pdf");
  EXPECT_EQ(attachment("契約.pdf"),
            "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E5%A5%91%E7%B4%84.pdf");
  EXPECT_EQ(attachment("100% \u20AC.pdf"),
            "attachment; filename=\"100_ _.pdf\"; filename*=UTF-8''100%25%20%E2%82%AC.pdf");
  EXPECT_EQ(attachment("100%41.pdf"), "attachment; filename=\"100_41.pdf\"; filename*=UTF-8''100%2541.pdf");
  EXPECT_EQ(attachment("\u20AC '()*,;.pdf"),
            "attachment; filename=\"_ '()_,;.pdf\"; filename*=UTF-8''%E2%82%AC%20%27%28%29_%2C%3B.pdf");
}

TEST(ContentDisposition, CannotBeBrokenOutOf) {
  for (const std::string name :
       {"a\"; filename=\"evil.exe", "a\r\nSet-Cookie: x=1", "a\\\"b", "x\"\r\n\r\n<script>"}) {
    const std::string field = content_disposition(name, Disposition::attachment);
    EXPECT_EQ(std::count(field.begin(), field.end(), '"'), 2) << field;
    EXPECT_EQ(field.find_first_of("\r\n\\"), std::string::npos) << field;
  }
  for (const auto& [given, wanted] : kNames) {
    const std::string field = content_disposition(given, Disposition::attachment);
    EXPECT_TRUE(std::all_of(field.begin(), field.end(), [](char c) { return c >= 0x20 && c < 0x7F; }))
        << field;
    EXPECT_EQ(std::count(field.begin(), field.end(), '"'), 2) << field;
  }
}

TEST(MayShowInline, IsOnlyWhatCannotRunAnything) {
  for (const char* type :
       {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
    EXPECT_TRUE(may_show_inline(type)) << type;
  for (const char* type :
       {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml",
        "text/javascript", "application/octet-stream", "", "application/pdf; x", "message/rfc822"})
    EXPECT_FALSE(may_show_inline(type)) << type;
}

TEST(Email, IsTakenWhenMailServersTakeIt) {
  for (const std::string& good : {std::string("a@b.example"), std::string("jane.doe+tax@mail.example.com"),
                                  std::string("o'brien@example.ie"), std::string("x@localhost"),
                                  std::string("user@xn--bcher-kva.example"), times(64, "a") + "@example.com"})
    EXPECT_TRUE(is_email(good)) << good;
  for (const std::string& bad : {std::string(""),
                                 std::string("@"),
                                 std::string("a"),
                                 std::string("a@"),
                                 std::string("@b"),
                                 std::string("a b@c.d"),
                                 std::string(".a@b.c"),
                                 std::string("a.@b.c"),
                                 std::string("a..b@c.d"),
                                 std::string("a@b..c"),
                                 std::string("a@.b"),
                                 std::string("a@b."),
                                 std::string("a@-b.c"),
                                 std::string("a@b-.c"),
                                 std::string("a@b_c.d"),
                                 std::string("a@[1.2.3.4]"),
                                 std::string("\"a b\"@c.d"),
                                 std::string("a@b.c\r\nBcc: x@y.z"),
                                 std::string("a@b,c@d"),
                                 std::string("<a@b.c>"),
                                 std::string("a@b@c.d"),
                                 std::string("\u00E9@b.c"),
                                 std::string("a@\u00E9.c"),
                                 times(65, "a") + "@example.com",
                                 "a@" + times(64, "b") + ".c",
                                 "a@" + times(127, "b.") + "c"})
    EXPECT_FALSE(is_email(bad)) << bad;
}

TEST(CleanLine, IsOneLineForPeople) {
  EXPECT_EQ(clean_line("  Mu\u0308ller &  Partner/Co: \"x\" \n", 200, "name").value(),
            "M\u00FCller & Partner/Co: \"x\"");
  EXPECT_EQ(clean_line("Inc.", 200, "name").value(), "Inc.");
  const auto refusal = [](std::string_view text) { return clean_line(text, 10, "name").error(); };
  EXPECT_EQ(refusal("").message, "The name is empty; give one.");
  EXPECT_EQ(refusal(" \u202E ").message, "The name is empty; give one.");
  EXPECT_EQ(refusal("12345678901").message, "The name has 11 bytes; at most 10 are taken.");
  EXPECT_EQ(refusal(times(5000, "x")).message, "The name has 5000 bytes; at most 10 are taken.");
  EXPECT_EQ(refusal("a\xff").message, "The name is not valid UTF-8.");
  EXPECT_EQ(refusal("").field, "name");
  EXPECT_EQ(refusal("").code, Code::invalid);
}

TEST(ValidText, IsWhatADatabaseHolds) {
  EXPECT_EQ(valid_text(std::string_view("a\0b\xff", 4), 100), "ab\uFFFD");
  EXPECT_EQ(valid_text("契契契", 7), "契契");
  EXPECT_EQ(valid_text("\u202E..\\x", 100), "\u202E..\\x") << "as it was sent";
  EXPECT_EQ(valid_text("", 100), "");
}

TEST(Utf8, IsStrictAndMayBeCut) {
  for (const std::string_view good : {"", "a", "é", "契", "\U0001F600", "\U0010FFFF"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const std::string_view bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                     "\xf5\x80\x80\x80", "\xff", "\xc3x"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
    EXPECT_FALSE(is_utf8(bad, true)) << bad;
  }
  for (const std::string_view part : {"a\xc3", "\xe5\xa5", "\xf0\x9f\x98"}) {
    EXPECT_FALSE(is_utf8(part)) << part;
    EXPECT_TRUE(is_utf8(part, true)) << part;
  }
}

}  // namespace
}  // namespace postern::services
