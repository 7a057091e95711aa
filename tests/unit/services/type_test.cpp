// What kind a document is, by its bytes.
#include "host/services/type.hpp"

#include <gtest/gtest.h>

#include "host/crypto/crypto.hpp"

namespace postern::services {
namespace {

using namespace std::string_literals;

/// A ZIP's local header for a stored, empty entry (APPNOTE 4.3.7).
std::string entry(std::string_view name, std::string_view content = "") {
  std::string header = "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0"s;
  const auto number = [&](std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) header += static_cast<char>(value >> (8 * i) & 255);
  };
  number(content.size(), 4);
  number(content.size(), 4);
  number(name.size(), 2);
  number(0, 2);
  return header + std::string(name) + std::string(content);
}

TEST(Type, IsFoundInTheBytes) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "application/octet-stream"},
      {"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "application/pdf"},
      {"\n\n%PDF-1.4\n1 0 obj\n", "application/pdf"},
      {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"s, "image/png"},
      {"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"s, "image/jpeg"},
      {"GIF89a\1\0\1\0\x80\0\0"s, "image/gif"},
      {"RIFF\x24\0\0\0WEBPVP8 "s, "image/webp"},
      {"A letter to the firm.\nWith two lines.\n", "text/plain"},
      {"契約書の件について。\n", "text/plain"},
      {"<!DOCTYPE html><html><script>alert(1)</script></html>", "text/html"},
      {"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", "image/svg+xml"},
      {"#include <stdio.h>\nint main(void) { return 0; }\n", "text/plain"},
      {"import os\nimport sys\ndef f():\n  pass\n", "text/plain"},
      {"{\"a\": [1, 2, 3]}", "application/json"},
      {entry("readme.txt") + entry("picture.png"), "application/zip"},
      {entry("[Content_Types].xml") + entry("_rels/.rels") + entry("word/document.xml"),
       "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {entry("[Content_Types].xml") + entry("docProps/app.xml") + entry("docProps/core.xml") +
           entry("custom/x.xml") + entry("xl/workbook.xml"),
       "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {entry("_rels/.rels") + entry("ppt/presentation.xml"),
       "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
      {entry("notes.txt") + entry("word/notes.txt"), "application/zip"},
      {entry("mimetype", "application/vnd.oasis.opendocument.text"),
       "application/vnd.oasis.opendocument.text"},
      {"\x00\x01\x02\x03\xff\xfe"s, "application/octet-stream"},
  };
  const TypeDetector types;
  for (const auto& [data, wanted] : cases)
    EXPECT_EQ(types.detect(crypto::bytes(data)), wanted)
        << crypto::hex(crypto::bytes(data).first(std::min<std::size_t>(data.size(), 16)));
}

TEST(Type, CorrectsWhatLibmagicSays) {
  const auto corrected = [](std::string_view found) { return corrected_type(found, crypto::bytes("data")); };
  EXPECT_EQ(corrected(""), "application/octet-stream");
  EXPECT_EQ(corrected("cannot open"), "application/octet-stream");
  EXPECT_EQ(corrected("a/b\r\nX: y"), "application/octet-stream");
  EXPECT_EQ(corrected("inode/x-empty"), "application/octet-stream");
  EXPECT_EQ(corrected("a/b/c"), "application/octet-stream");
  EXPECT_EQ(corrected("/b"), "application/octet-stream");
  EXPECT_EQ(corrected("text/x-shellscript"), "text/plain");
  EXPECT_EQ(corrected("image/x-ms-bmp"), "image/bmp");
  EXPECT_EQ(corrected("image/svg+xml"), "image/svg+xml");
  EXPECT_EQ(corrected_type("text/plain", {}), "application/octet-stream");
}

TEST(Type, SurvivesTruncatedArchives) {
  const std::string whole = entry("[Content_Types].xml") + entry("word/document.xml");
  const TypeDetector types;
  for (std::size_t size = 0; size <= whole.size(); ++size)
    EXPECT_FALSE(types.detect(crypto::bytes(whole).first(size)).empty());
  EXPECT_FALSE(corrected_type("application/zip", crypto::bytes("PK\3\4")).empty());
}

}  // namespace
}  // namespace postern::services
