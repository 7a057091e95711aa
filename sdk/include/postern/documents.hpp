// The Documents service: accounts, folders and documents with versions, kept by the host.
// Bytes never pass through a plugin: it answers with a document (see response.hpp) and the host streams it.
#pragma once

#include <cstdint>
#include <string_view>

#include "postern/clock.hpp"
#include "postern/database.hpp"
#include "postern/time.hpp"

namespace postern {

/// One version of a document. Views live for the call to the sink.
struct DocumentInfo {
  std::uint32_t size = sizeof(DocumentInfo);
  std::uint32_t version = 1;  // counts from 1
  std::string_view id;        // of the document, the same for all its versions
  std::string_view account;   // id
  std::string_view folder;    // id
  std::string_view name;      // safe to show and to offer as a file name
  std::string_view type;      // media type found in the content, e.g. "application/pdf"
  std::string_view sha256;    // hex
  std::int64_t bytes = 0;
  Timestamp created{0};
};

class DocumentSink {
 public:
  virtual void document(const DocumentInfo& document) = 0;

 protected:
  ~DocumentSink() = default;
};

/// Service "documents/1". [any thread, concurrent]
class Documents {
 public:
  static constexpr std::string_view kId = "documents/1";
  /// The document's newest version, or the given one (from 1; 0: newest). Code::not_found when there is none.
  virtual Code find(Transaction& transaction, std::string_view id, std::uint32_t version,
                    DocumentSink& document, ErrorSink& error) = 0;
  /// The newest version of every document of a folder, by name.
  virtual Code list(Transaction& transaction, std::string_view folder, DocumentSink& documents,
                    ErrorSink& error) = 0;

 protected:
  ~Documents() = default;
};

}  // namespace postern
