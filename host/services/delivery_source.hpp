// What delivery sends when sendfile cannot: pieces of text and of a document, one after the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/http/message.hpp"
#include "host/services/blobs.hpp"
#include "host/services/ranges.hpp"

namespace postern::services {

/// Text, then a range of the document.
struct SourcePart {
  std::string head;
  ByteRange range;
};

/// All parts in order, then `end`. Reads end at the borders of encrypted frames where the room allows, so
/// that no frame is decrypted twice.
class DocumentSource final : public http::BodySource {
 public:
  DocumentSource(std::unique_ptr<BlobReader> reader, std::vector<SourcePart> parts, std::string end)
      : reader_(std::move(reader)), parts_(std::move(parts)), end_(std::move(end)) {}

  ssize_t read(std::span<std::byte> room) override;

 private:
  std::size_t copy_text(const std::string& text, std::span<std::byte> room);

  std::unique_ptr<BlobReader> reader_;
  std::vector<SourcePart> parts_;
  std::string end_;
  std::size_t part_ = 0;
  std::size_t text_done_ = 0;      // of the current head, or of the end
  std::int64_t content_done_ = 0;  // of the current range
  bool broken_ = false;
};

}  // namespace postern::services
