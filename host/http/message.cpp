#include "host/http/message.hpp"

#include <unistd.h>

#include <algorithm>

#include "host/http/characters.hpp"

namespace postern::http {

void Fields::set(std::string_view name, std::string value) {
  const auto matches = [&](const auto& field) { return equal_without_case(field.first, name); };
  const auto first = std::find_if(all_.begin(), all_.end(), matches);
  if (first == all_.end()) {
    all_.emplace_back(std::string(name), std::move(value));
    return;
  }
  first->second = std::move(value);
  all_.erase(std::remove_if(first + 1, all_.end(), matches), all_.end());
}

std::string_view Fields::get(std::string_view name) const {
  for (const auto& [key, value] : all_)
    if (equal_without_case(key, name)) return value;
  return {};
}

bool Fields::has(std::string_view name) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const auto& field) { return equal_without_case(field.first, name); });
}

FileRegion::FileRegion(FileRegion&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), offset_(other.offset_), length_(other.length_) {}

FileRegion& FileRegion::operator=(FileRegion&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    offset_ = other.offset_;
    length_ = other.length_;
  }
  return *this;
}

FileRegion::~FileRegion() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace postern::http
