#include "host/plugins/note.hpp"

#include <cstring>
#include <optional>
#include <string_view>

#include "host/plugins/elf.hpp"

namespace postern::plugins {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kLargestManifest = 256 * 1024;   // bytes
constexpr std::size_t kLargestFile = 8 * 1024 * 1024;  // bytes
constexpr std::size_t kMostFiles = 1000;
constexpr std::size_t kLongestPath = 200;

std::string text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Takes a little-endian number off the front.
std::optional<std::uint32_t> take_number(Bytes& bytes) {
  if (bytes.size() < sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes = bytes.subspan(sizeof number);
  return number;
}

std::optional<Bytes> take(Bytes& bytes, std::size_t size) {
  if (size > bytes.size()) return std::nullopt;
  auto piece = bytes.first(size);
  bytes = bytes.subspan(size);
  return piece;
}

Result<std::string> read_manifest(const ElfImage& image) {
  auto section = image.section(abi::kNoteSection);
  if (!section) {
    return {
        Code::invalid,
        "it has no note named .note.postern; build it with postern_add_plugin(), which embeds manifest.yaml"};
  }
  auto rest = *section;
  auto name_size = take_number(rest), size = take_number(rest), type = take_number(rest);
  auto name = take(rest, sizeof abi::kNoteName);
  bool ours = name && name_size == sizeof abi::kNoteName && type == abi::kNoteManifest &&
              std::memcmp(name->data(), abi::kNoteName, sizeof abi::kNoteName) == 0;
  if (!ours) return {Code::invalid, "its note is not one of Postern's; build it with postern_add_plugin()"};
  if (*size > kLargestManifest) {
    return {Code::invalid, "its manifest has " + std::to_string(*size) + " bytes, this host takes " +
                               std::to_string(kLargestManifest) + "; shorten manifest.yaml"};
  }
  auto manifest = take(rest, *size);
  if (!manifest) return {Code::invalid, "its note ends before the manifest does; build it again"};
  return text(*manifest);
}

/// "pages/view.html": one of the folders and a plain name, or one of the two single files.
bool is_embedded_path(std::string_view path) {
  if (path == "schema.sql" || path == "openapi.yaml") return true;
  auto slash = path.find('/');
  if (slash == std::string_view::npos || path.size() > kLongestPath) return false;
  auto folder = path.substr(0, slash), name = path.substr(slash + 1);
  if (folder != "pages" && folder != "messages" && folder != "web") return false;
  if (name.empty() || name.front() == '.') return false;
  for (unsigned char c : name) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                 c == '_' || c == '-';
    if (!plain) return false;
  }
  return true;
}

Result<std::map<std::string, std::string>> read_files(const ElfImage& image) {
  std::map<std::string, std::string> files;
  auto section = image.section(abi::kFilesSection);
  if (!section) return files;
  auto rest = *section;
  while (!rest.empty()) {
    auto path_size = take_number(rest), size = take_number(rest);
    if (!path_size || !size || *path_size > kLongestPath || *size > kLargestFile ||
        files.size() >= kMostFiles) {
      return {Code::invalid, "its embedded files cannot be read after the first " +
                                 std::to_string(files.size()) + "; build it again"};
    }
    auto path = take(rest, *path_size);
    auto content = take(rest, *size);
    if (!path || !content) return {Code::invalid, "it ends inside an embedded file; build it again"};
    if (!is_embedded_path(text(*path))) {
      return {Code::invalid,
              "it carries a file that is not in pages/, messages/ or web/ under a plain name; build it with "
              "postern_add_plugin()"};
    }
    if (!files.emplace(text(*path), text(*content)).second) {
      return {Code::invalid, "it carries " + text(*path) + " twice; build it again"};
    }
  }
  return files;
}

std::string names(const std::vector<Export>& exports) {
  constexpr std::size_t kMostShown = 4;
  std::string out;
  for (std::size_t i = 0; i < exports.size() && i < kMostShown; ++i) {
    out += (i == 0 ? "" : ", ") + std::string(exports[i].name.substr(0, 80));
  }
  return out + (exports.size() > kMostShown ? ", ..." : "");
}

/// One export, and what it says. The result is the fault; empty when all is well.
std::string read_descriptor(const ElfImage& image, abi::Descriptor& descriptor) {
  const auto& exports = image.exports();
  for (const auto& symbol : exports) {
    if (!symbol.unique) continue;
    return "it has the unique symbol " + std::string(symbol.name.substr(0, 80)) +
           ", which two plugins would share; build it with -fno-gnu-unique, as postern_add_plugin() does";
  }
  if (exports.size() != 1 || exports.front().name != abi::kSymbol) {
    std::string found =
        exports.empty() ? "exports nothing"
                        : "exports " + std::to_string(exports.size()) + " symbols (" + names(exports) + ")";
    return "it " + found +
           ", this host wants postern_plugin alone; add POSTERN_PLUGIN(...) and build it with "
           "postern_add_plugin()";
  }
  auto plain = image.at_address(exports.front().address, abi::kPlainSize);
  if (!plain || exports.front().size < sizeof(abi::Descriptor)) {
    return "its postern_plugin has " + std::to_string(exports.front().size) +
           " bytes, this host wants at least " + std::to_string(sizeof(abi::Descriptor)) +
           "; export it with POSTERN_PLUGIN(...)";
  }
  abi::Descriptor found{};
  std::memcpy(static_cast<void*>(&found), plain->data(), abi::kPlainSize);
  if (std::memcmp(found.magic, abi::kMagic, sizeof abi::kMagic) != 0) {
    return "its postern_plugin does not begin with \"Postern\"; export it with POSTERN_PLUGIN(...)";
  }
  descriptor = found;
  if (found.abi != abi::kAbi) {
    return "it has ABI " + std::to_string(found.abi) + ", this host " + std::to_string(abi::kAbi) +
           "; rebuild it with the SDK of this host";
  }
  if (found.size < sizeof(abi::Descriptor)) {
    return "its descriptor has " + std::to_string(found.size) + " bytes, this host wants at least " +
           std::to_string(sizeof(abi::Descriptor)) + "; rebuild it with the SDK of this host";
  }
  return compare_tags(found.tag, abi::this_toolchain());
}

}  // namespace

std::string compare_tags(const abi::Tag& theirs, const abi::Tag& ours) {
  struct Row {
    std::string_view what;
    std::uint32_t theirs, ours;
    std::string_view cure;
  };
  const Row rows[] = {
      {"_GLIBCXX_USE_CXX11_ABI=", theirs.cxx11_abi, ours.cxx11_abi, "without -D_GLIBCXX_USE_CXX11_ABI"},
      {"sizeof(std::string)=", theirs.size_of_string, ours.size_of_string, "with libstdc++"},
      {"sizeof(std::vector)=", theirs.size_of_vector, ours.size_of_vector, "without -D_GLIBCXX_DEBUG"},
      {"sizeof(void*)=", theirs.size_of_pointer, ours.size_of_pointer, "for this machine"},
      {"libstdc++ ", theirs.libstdcxx, ours.libstdcxx, "with the compiler of this host"},
  };
  for (const auto& row : rows) {
    if (row.theirs == row.ours) continue;
    return "it is built with " + std::string(row.what) + std::to_string(row.theirs) + " (" +
           std::string(text_of(theirs.compiler)) + "), this host with " + std::to_string(row.ours) + " (" +
           std::string(text_of(ours.compiler)) + "); rebuild it " + std::string(row.cure);
  }
  return {};
}

Result<Note> read_note(Bytes bytes) {
  POSTERN_TRY(auto image, ElfImage::read(bytes));
  Note note;
  POSTERN_TRY(note.manifest, read_manifest(image));
  POSTERN_TRY(note.files, read_files(image));
  note.fault = read_descriptor(image, note.descriptor);
  return note;
}

}  // namespace postern::plugins
