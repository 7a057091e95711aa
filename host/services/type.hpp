// What kind of document it is, judged by its bytes and never by its name. The only user of libmagic.
#pragma once

#include <memory>
#include <span>
#include <string>

namespace postern::services {

/// [any thread, concurrent; one at a time inside]
class TypeDetector {
 public:
  TypeDetector();
  ~TypeDetector();
  /// The media type, without parameters, of a content that begins with `head` (the first 64 KiB, or all of
  /// it). What nobody knows, and the empty content, is "application/octet-stream". libmagic's data is loaded
  /// at the first call.
  std::string detect(std::span<const std::byte> head) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// libmagic's answer put right; see type.cpp. For tests. [any thread]
std::string corrected_type(std::string_view found, std::span<const std::byte> head);

}  // namespace postern::services
