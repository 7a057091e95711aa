// Accounts, folders and documents with versions, on both databases.
#include "host/services/documents.hpp"

#include <gtest/gtest.h>

#include "host/services/id.hpp"
#include "host/services/names.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

class DocumentsTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (IsSkipped()) return;
    apply("host/services/schema.sql");
    store_ = BlobStore::open({(files_.path() / "blobs").string(), false, 0}, key_).value();
    documents_ = std::make_unique<Documents>(*store_, audit_);
  }

  template <class F>
  auto write(F&& work) {
    clock_.advance(1000);
    return database().write(std::forward<F>(work));
  }
  template <class F>
  auto read(F&& work) {
    return database().read(std::forward<F>(work));
  }

  Result<Account> make_account(std::string_view name, std::string_view email = "") {
    return write([&](db::HostTransaction& transaction) {
      return documents_->create_account(transaction, AccountKind::client, name, email);
    });
  }
  Result<Folder> make_folder(const std::string& account, const std::string& parent, std::string_view name) {
    return write([&](db::HostTransaction& transaction) {
      return documents_->create_folder(transaction, account, parent, name);
    });
  }
  Result<Document> add(const std::string& folder, std::string_view name, const Blob& blob) {
    return write([&](db::HostTransaction& transaction) {
      return documents_->add(transaction, folder, name, blob, "member-1");
    });
  }
  Result<Document> find(const std::string& id, std::uint32_t version = 0) {
    return read(
        [&](db::HostTransaction& transaction) { return documents_->document(transaction, id, version); });
  }
  Blob blob(std::string_view content) {
    auto writer = store_->create(std::nullopt).value();
    EXPECT_TRUE(writer->write(crypto::bytes(content)).ok());
    return writer->finish().value();
  }
  std::string folder() {
    const auto owner = make_account("Miller Ltd");
    return make_folder(owner->id, "", "2026")->id;
  }
  std::vector<std::string> audit_events() {
    std::vector<std::string> events;
    for (const auto& row : rows("select event from audit order by sequence")) events.push_back(row[0].text());
    return events;
  }

  testing::TemporaryFolder files_;
  crypto::Key key_ = crypto::Key::random();
  Audit audit_;
  std::unique_ptr<BlobStore> store_;
  std::unique_ptr<Documents> documents_;
};

POSTERN_ON_BOTH_DATABASES(DocumentsTest);

TEST_P(DocumentsTest, KeepsAccounts) {
  const auto made = write([&](db::HostTransaction& transaction) {
    return documents_->create_account(transaction, AccountKind::guest, "  Mu\u0308ller & Partner ",
                                      "info@mueller.example");
  });
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(is_id(made->id));
  EXPECT_EQ(made->name, "M\u00FCller & Partner");
  const auto found =
      read([&](db::HostTransaction& transaction) { return documents_->account(transaction, made->id); });
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->name, made->name);
  EXPECT_EQ(found->email, "info@mueller.example");
  EXPECT_EQ(found->kind, AccountKind::guest);
  EXPECT_EQ(found->created, clock_.now());
  EXPECT_EQ(audit_events(), std::vector<std::string>{"account.created"});
}

TEST_P(DocumentsTest, RefusesWrongAccounts) {
  EXPECT_EQ(make_account("").error().message, "The name is empty; give one.");
  EXPECT_EQ(make_account("").error().field, "name");
  EXPECT_EQ(make_account(std::string(201, 'x')).error().message,
            "The name has 201 bytes; at most 200 are taken.");
  const auto email = make_account("x", "not an address");
  EXPECT_EQ(email.code(), Code::invalid);
  EXPECT_EQ(email.error().field, "email");
  EXPECT_EQ(email.error().message,
            "The email is not an address such as name@example.com of at most 254 characters.");
  EXPECT_TRUE(make_account("no email", "").ok());
  EXPECT_EQ(audit_events().size(), 1U) << "what is refused leaves no line";
}

TEST_P(DocumentsTest, ListsPageByPage) {
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) made.push_back(make_account("Account " + std::to_string(i))->id);
  std::vector<std::string> seen;
  for (Page page{.after = "", .limit = 3};;) {
    const auto accounts = read([&](db::HostTransaction& transaction) -> Result<std::vector<Account>> {
      return documents_->accounts(transaction, page);
    });
    if (accounts->empty()) break;
    EXPECT_LE(accounts->size(), 3U);
    for (const Account& account : *accounts) seen.push_back(account.id);
    page.after = seen.back();
  }
  EXPECT_EQ(seen, made);
}

TEST_P(DocumentsTest, KeepsFoldersBelowFolders) {
  const auto owner = make_account("Miller Ltd");
  const auto top = make_folder(owner->id, "", " Tax/2026 ");
  ASSERT_TRUE(top.ok()) << top.error().message;
  EXPECT_EQ(top->name, "Tax_2026");
  const auto below = make_folder(owner->id, top->id, "Tax_2026");
  ASSERT_TRUE(below.ok()) << "the same name elsewhere";
  EXPECT_EQ(below->parent, top->id);
  const auto all = read([&](db::HostTransaction& transaction) -> Result<std::vector<Folder>> {
    return documents_->folders(transaction, owner->id, {});
  });
  EXPECT_EQ(all->size(), 2U);
}

TEST_P(DocumentsTest, RefusesASecondFolderOfThatName) {
  const auto owner = make_account("Miller Ltd");
  const auto other = make_account("Smith Ltd");
  ASSERT_TRUE(make_folder(owner->id, "", "caf\u00E9").ok());
  const auto again = make_folder(owner->id, "", "cafe\u0301");
  EXPECT_EQ(again.code(), Code::conflict);
  EXPECT_EQ(again.error().message,
            "There is already a folder named \"caf\u00E9\" here; choose another name.");
  EXPECT_TRUE(make_folder(other->id, "", "caf\u00E9").ok()) << "another account's";
}

TEST_P(DocumentsTest, RefusesAFolderInTheWrongPlace) {
  const auto owner = make_account("Miller Ltd");
  const auto other = make_account("Smith Ltd");
  const auto theirs = make_folder(other->id, "", "theirs");
  const auto stranger = make_folder(owner->id, theirs->id, "mine");
  EXPECT_EQ(stranger.code(), Code::not_found);
  EXPECT_EQ(stranger.error().field, "parent");
  EXPECT_EQ(stranger.error().message, "There is no folder with the id " + theirs->id + ".");
  EXPECT_EQ(make_folder("nobody", "", "x").error().message,
            "There is no account with that id; an id has the form of a UUID.");
  EXPECT_EQ(make_folder(owner->id, "", "").code(), Code::invalid);
}

TEST_P(DocumentsTest, AddsADocument) {
  const std::string place = folder();
  const Blob content = blob("%PDF-1.7 hello");
  const std::string sent = std::string("../Tax\u202E 2026.pdf\0", 19);
  const auto added = add(place, sent, content);
  ASSERT_TRUE(added.ok()) << added.error().message;
  const auto found = find(added->id);
  ASSERT_TRUE(found.ok()) << found.error().message;
  for (const Document& document : {*added, *found}) {
    EXPECT_EQ(document.name, ".._Tax 2026.pdf");
    EXPECT_EQ(document.original_name, "../Tax\u202E 2026.pdf");
    EXPECT_EQ(document.version, 1U);
    EXPECT_EQ(document.versions, 1U);
    EXPECT_EQ(document.folder, place);
    EXPECT_EQ(document.created, clock_.now());
    EXPECT_EQ(document.created_by, "member-1");
    EXPECT_EQ(document.blob.id, content.id);
    EXPECT_EQ(document.blob.bytes, 14);
    EXPECT_EQ(document.blob.sha256, content.sha256);
    EXPECT_EQ(document.blob.crc32, content.crc32);
    EXPECT_EQ(document.blob.type, "application/pdf");
  }
  EXPECT_EQ(audit_events(),
            (std::vector<std::string>{"account.created", "folder.created", "document.added"}));
  EXPECT_EQ(
      rows("select details from audit where event = 'document.added'")[0][0].text(),
      "{\"name\":\".._Tax 2026.pdf\",\"version\":1,\"bytes\":14,\"sha256\":\"" + content.sha256 + "\"}");
}

TEST_P(DocumentsTest, AddsTheNextVersionUnderTheSameName) {
  const std::string place = folder();
  const auto first = add(place, "caf\u00E9.pdf", blob("one"));
  const auto second = add(place, "cafe\u0301.pdf", blob("two"));
  const auto other = add(place, "other.pdf", blob("three"));
  ASSERT_TRUE(first.ok() && second.ok() && other.ok());
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->version, 2U);
  EXPECT_NE(other->id, first->id);
  EXPECT_EQ(find(first->id)->version, 2U);
  EXPECT_EQ(find(first->id)->blob.bytes, 3);
  EXPECT_EQ(find(first->id, 1)->version, 1U);
  EXPECT_EQ(find(first->id, 1)->versions, 2U);
  EXPECT_EQ(find(first->id, 1)->created + 1000, find(first->id, 2)->created);
  EXPECT_EQ(find(first->id, 3).error().message, "The document " + first->id + " has no version 3.");
  const auto listed = read([&](db::HostTransaction& transaction) -> Result<std::vector<Document>> {
    return documents_->documents(transaction, place, {});
  });
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].version, 2U) << "the newest of each";
  const auto versions = read([&](db::HostTransaction& transaction) -> Result<std::vector<Document>> {
    return documents_->versions(transaction, first->id);
  });
  ASSERT_EQ(versions->size(), 2U);
  EXPECT_EQ((*versions)[0].version, 1U);
}

TEST_P(DocumentsTest, SaysWhatIsMissing) {
  const std::string unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
  EXPECT_EQ(find(unknown).error().message, "There is no document with the id " + unknown + ".");
  EXPECT_EQ(find(unknown).code(), Code::not_found);
  EXPECT_EQ(find("' or 1=1 --").error().message,
            "There is no document with that id; an id has the form of a UUID.");
  EXPECT_EQ(add(unknown, "x", blob("x")).error().field, "folder");
}

TEST_P(DocumentsTest, KnowsItsBlobs) {
  const Blob kept = blob("kept");
  const Blob lost = blob("lost");
  ASSERT_TRUE(add(folder(), "x", kept).ok());
  const auto knows = [&](const Blob& one) {
    return read([&](db::HostTransaction& transaction) -> Result<bool> {
             return documents_->knows_blob(transaction, one.id);
           })
        .value();
  };
  EXPECT_TRUE(knows(kept));
  EXPECT_FALSE(knows(lost));
}

TEST_P(DocumentsTest, LeavesNothingOfARolledBackAddition) {
  const std::string place = folder();
  const auto done = write([&](db::HostTransaction& transaction) -> Result<int> {
    POSTERN_TRY(const Document added, documents_->add(transaction, place, "x.pdf", blob("x"), "member-1"));
    return {Code::conflict, "changed my mind after " + added.id};
  });
  EXPECT_EQ(done.code(), Code::conflict);
  EXPECT_EQ(rows("select id from documents").size(), 0U);
  EXPECT_EQ(rows("select document_id from document_versions").size(), 0U);
  EXPECT_EQ(audit_events().size(), 2U);
}

TEST_P(DocumentsTest, QuotesNamesInTheRecord) {
  ASSERT_TRUE(make_account("The \"Big\" \\ Firm").ok());
  EXPECT_EQ(rows("select details from audit")[0][0].text(),
            "{\"kind\":\"client\",\"name\":\"The \\\"Big\\\" \\\\ Firm\"}");
}

TEST_P(DocumentsTest, DescribesItselfToPlugins) {
  const auto added = add(folder(), "x.txt", blob("hello"));
  const DocumentInfo info = added->info();
  EXPECT_EQ(info.id, added->id);
  EXPECT_EQ(info.name, "x.txt");
  EXPECT_EQ(info.type, "text/plain");
  EXPECT_EQ(info.bytes, 5);
  EXPECT_EQ(info.version, 1U);
  EXPECT_EQ(info.size, sizeof(DocumentInfo));
}

}  // namespace
}  // namespace postern::services
