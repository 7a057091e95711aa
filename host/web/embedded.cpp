#include "host/web/embedded.hpp"

#include <cstdint>
#include <cstring>

extern "C" {
extern const char postern_embedded_host_files_begin[];
extern const char postern_embedded_host_files_end[];
}

namespace postern::web {
namespace {

/// Calls act(path, content) for each record until it returns false.
template <class F>
void each_record(F&& act) {
  const char* at = postern_embedded_host_files_begin;
  while (at < postern_embedded_host_files_end) {
    std::uint32_t lengths[2];
    std::memcpy(lengths, at, sizeof lengths);
    at += sizeof lengths;
    const std::string_view path(at, lengths[0]);
    const std::string_view content(at + lengths[0], lengths[1]);
    at += lengths[0] + lengths[1];
    if (!act(path, content)) return;
  }
}

}  // namespace

Files embedded_files() {
  Files files;
  each_record([&](std::string_view path, std::string_view content) {
    files.emplace(path, content);
    return true;
  });
  return files;
}

std::string_view embedded_file(std::string_view wanted) {
  std::string_view found;
  each_record([&](std::string_view path, std::string_view content) {
    if (path != wanted) return true;
    found = content;
    return false;
  });
  return found;
}

}  // namespace postern::web
