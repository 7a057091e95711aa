// libmagic, with what it gets wrong for a firm's documents put right.
#include "host/services/type.hpp"

#include <magic.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <utility>

namespace postern::services {
namespace {

constexpr std::string_view kUnknown = "application/octet-stream";

std::string_view text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// RFC 9110 section 8.3.1: token "/" token.
bool is_media_type(std::string_view type) {
  const auto slash = type.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == type.size() || type.size() > 127)
    return false;
  return std::all_of(type.begin(), type.end(), [&](const char& c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+").find(c) != std::string_view::npos || &c == &type[slash];
  });
}

std::uint32_t little_endian(std::string_view data, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(data[at + i])) << (8 * i);
  return value;
}

/// The type of a ZIP by the names in its local headers (APPNOTE 4.3.7). libmagic looks at the first few only,
/// and office programs differ in what they put there.
std::string_view zip_type(std::string_view data) {
  constexpr std::string_view kLocal{"PK\3\4", 4};
  bool office = false;
  for (auto at = data.find(kLocal); at != std::string_view::npos; at = data.find(kLocal, at + 4)) {
    if (at + 30 > data.size()) break;
    const auto name = data.substr(at + 30, little_endian(data, at + 26, 2));
    if (name == "[Content_Types].xml" || name == "_rels/.rels") office = true;
    if (!office && at != 0) continue;
    if (name.starts_with("word/"))
      return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    if (name.starts_with("xl/")) return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    if (name.starts_with("ppt/"))
      return "application/vnd.openxmlformats-officedocument.presentationml.presentation";
  }
  return "application/zip";
}

}  // namespace

std::string corrected_type(std::string_view found, std::span<const std::byte> head) {
  const std::string_view data = text_of(head);
  if (data.empty() || !is_media_type(found) || found.starts_with("inode/") || found == "application/x-empty")
    return std::string(kUnknown);
  if (found == "application/zip") return std::string(zip_type(data));
  // A few bytes may stand before a PDF's header (ISO 32000-1 annex H.3.4.1), and readers accept that.
  if (found == kUnknown || found == "text/plain")
    return std::string(data.substr(0, 1024).find("%PDF-") != std::string_view::npos ? "application/pdf"
                                                                                    : found);
  // Guesses at a programming language: a letter that begins with "import" is still text.
  if (found.starts_with("text/x-") || found == "application/x-wine-extension-ini") return "text/plain";
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSame = {{
      {"application/CDFV2", "application/x-ole-storage"},
      {"application/x-pdf", "application/pdf"},
      {"image/x-ms-bmp", "image/bmp"},
      {"application/csv", "text/csv"},
      {"text/json", "application/json"},
  }};
  for (const auto& [theirs, ours] : kSame)
    if (found == theirs) return std::string(ours);
  return std::string(found);
}

struct TypeDetector::State {
  std::mutex one_at_a_time;
  magic_t magic = nullptr;
  ~State() {
    if (magic != nullptr) magic_close(magic);
  }
  /// Null when libmagic or its data is not there.
  magic_t ready() {
    if (magic != nullptr) return magic;
    // What is packed stays packed: nothing a stranger sent is decompressed here.
    magic =
        magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TOKENS);
    if (magic != nullptr && magic_load(magic, nullptr) != 0) magic_close(std::exchange(magic, nullptr));
    return magic;
  }
};

TypeDetector::TypeDetector() : state_(std::make_unique<State>()) {}
TypeDetector::~TypeDetector() = default;

std::string TypeDetector::detect(std::span<const std::byte> head) const {
  if (head.empty()) return std::string(kUnknown);
  std::string found;
  {
    const std::lock_guard guard(state_->one_at_a_time);
    const magic_t magic = state_->ready();
    if (const char* answer = magic == nullptr ? nullptr : magic_buffer(magic, head.data(), head.size()))
      found = answer;
  }
  return corrected_type(found, head);
}

}  // namespace postern::services
