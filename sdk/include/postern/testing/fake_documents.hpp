// FakeDocuments: the Documents service in memory.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "postern/documents.hpp"
#include "postern/services.hpp"
#include "postern/testing/fake_database.hpp"

namespace postern::testing {

class FakeDocuments final : public Documents, public Faults {
 public:
  FakeDocuments() : Faults(kId) {}

  /// Adds a document, or the next version of the one with that name in the folder. Returns its id.
  std::string add(std::string name, std::int64_t bytes = 1000, std::string folder = "folder-1",
                  std::string type = "application/pdf") {
    OwnedDocument document;
    document.id = "document-" + std::to_string(all.size() + 1);
    for (const auto& other : all) {
      if (other.name != name || other.folder != folder) continue;
      document.id = other.id;
      document.version = other.version + 1;
    }
    document.account = "account-1";
    document.folder = std::move(folder);
    document.name = std::move(name);
    document.type = std::move(type);
    document.sha256 = std::string(64, '0');
    document.bytes = bytes;
    document.created = {1767258000000};
    all.push_back(document);
    return document.id;
  }

  Code find(Transaction& transaction, std::string_view id, std::uint32_t version, DocumentSink& sink,
            ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    fake(transaction).enter();
    const OwnedDocument* found = nullptr;
    for (const auto& document : all) {
      if (document.id == id && (version == 0 || document.version == version)) found = &document;
    }
    if (found == nullptr) return fail(error, Code::not_found, "there is no such document");
    sink.document(info(*found));
    return Code::ok;
  }

  Code list(Transaction& transaction, std::string_view folder, DocumentSink& sink,
            ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    fake(transaction).enter();
    std::vector<const OwnedDocument*> newest;
    for (const auto& document : all) {
      if (document.folder != folder) continue;
      std::erase_if(newest, [&](const auto* other) { return other->id == document.id; });
      newest.push_back(&document);
    }
    std::sort(newest.begin(), newest.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const auto* document : newest) sink.document(info(*document));
    return Code::ok;
  }

  std::vector<OwnedDocument> all;  // every version

 private:
  static DocumentInfo info(const OwnedDocument& document) {
    DocumentInfo info;
    info.version = document.version;
    info.id = document.id;
    info.account = document.account;
    info.folder = document.folder;
    info.name = document.name;
    info.type = document.type;
    info.sha256 = document.sha256;
    info.bytes = document.bytes;
    info.created = document.created;
    return info;
  }
};

}  // namespace postern::testing
