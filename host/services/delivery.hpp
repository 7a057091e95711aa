// Delivery: a document as an HTTP answer, with ranges and conditions (RFC 9110 sections 13 and 14).
#pragma once

#include <string_view>

#include "host/http/message.hpp"
#include "host/services/documents.hpp"

namespace postern::services {

struct DeliveryOptions {
  Disposition disposition = Disposition::attachment;
  std::string_view cache = "private, no-store";
};

/// GET or HEAD of `document`: 200, 206 (one range, or multipart/byteranges for several), 304, 412 or 416, with ETag
/// (the content's SHA-256), Accept-Ranges, Last-Modified, Content-Disposition, nosniff and a sandboxing CSP.
/// Ranges: at most 16, overlapping ones joined; If-Range by strong ETag or date; a HEAD answers as GET would.
/// [action thread, may block]
http::Response deliver(const http::RequestHead& head, const Document& document, BlobStore& blobs,
                       const DeliveryOptions& options);

}  // namespace postern::services
