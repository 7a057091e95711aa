// Paths as settings write them.
#pragma once

#include <filesystem>
#include <string>

namespace postern::settings {

/// Absolute and without "..", "." and a closing slash; "" stays "". Relative ones start at `folder`. [any
/// thread]
inline std::filesystem::path absolute_path(const std::filesystem::path& folder, const std::string& path) {
  if (path.empty()) return {};
  auto out = std::filesystem::absolute(folder / path).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

}  // namespace postern::settings
