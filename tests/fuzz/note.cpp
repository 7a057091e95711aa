// libFuzzer on what is read of a plugin's bytes before any of them runs: ELF, note, embedded files,
// descriptor.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I. -Isdk/include tests/fuzz/note.cpp
//     host/plugins/elf.cpp host/plugins/note.cpp
#include <cstdint>
#include <cstdlib>

#include "host/plugins/note.hpp"

using namespace postern::plugins;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto note = read_note(std::as_bytes(std::span(data, size)));
  if (!note.ok()) {
    require(!note.error().message.empty());
    return 0;
  }
  require(note->manifest.size() <= size);
  for (const auto& [path, content] : note->files) {
    require(path.find("..") == std::string::npos || path.find('/') == path.rfind('/'));
    require(!path.starts_with('/') && content.size() <= size);
  }
  return 0;
}
