// Putting a document in with one PUT, streamed to disk while it arrives.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "host/firm/firm.hpp"
#include "host/http/application.hpp"
#include "postern/result.hpp"

namespace postern::staff {

/// Bytes of one document. What a firm can really store is decided by its disk and its minimum of free space.
constexpr std::uint64_t kLargestDocument = std::uint64_t{1} << 40;

/// PUT /api/v1/folders/{folder}/documents/{name}; `parameters` holds both. [reactor threads]
std::unique_ptr<http::Exchange> begin_upload(firm::Firm& firm, http::RequestHead head,
                                             std::map<std::string, std::string> parameters,
                                             std::uint64_t limit);

/// The SHA-256 in hex that a Content-Digest or Repr-Digest (RFC 9530) or Digest (RFC 3230) field announces.
/// Empty when there is none; other algorithms are passed over. Code::invalid when it is malformed or two of
/// them differ.
Result<std::optional<std::string>> announced_sha256(const http::Fields& fields);

}  // namespace postern::staff
