// What every implementation of the services must do: one list of cases for the fakes and for the host's own
// services, so that a test on fakes means something.
//
// An Environment, default-constructible, gives:
//   Links& links(); Documents& documents(); Notifier& notifier(); Audit& audit(); Database& database();
//   void apply(std::string schema);               // SQL that makes tables
//   Timestamp now(); void advance(std::int64_t ms);
//   std::string add_document(std::string name);   // id; into one and the same folder; the same name: its
//   next version std::string folder();                         // id of that folder, after the first document
//   template <class F> void write(F&& work);      // work(Tx) in a transaction that is committed
//   template <class F> void undo(F&& work);       // work(Tx) in a transaction that is rolled back
//   template <class F> void read(F&& work);       // work(Tx) in the transaction of a GET
//
// and may give: bool available();   // false: the cases are skipped
//
// Use: INSTANTIATE_TYPED_TEST_SUITE_P(Fakes, ServiceContract, FakeEnvironment);
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "postern/services.hpp"

namespace postern::testing {

template <class Environment>
class ServiceContract : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (requires { environment.available(); })
      if (!environment.available()) GTEST_SKIP() << "what this environment needs is not here";
    environment.apply("create table contract_things (id text primary key, amount bigint, note text)");
  }

  /// The link's id.
  std::string issue(LinkSpec spec = {.resource = "thing-1",
                                     .recipient = {.name = "Jane", .email = "jane@example.org"}}) {
    std::string id;
    environment.write([&](Tx tx) {
      auto issued = links().issue(tx, spec);
      ASSERT_TRUE(issued.ok()) << issued.error().message;
      id = *issued;
    });
    return id;
  }
  OwnedLink look(const std::string& id) {
    OwnedLink link;
    environment.read([&](Tx tx) {
      auto found = links().find(tx, id);
      ASSERT_TRUE(found.ok()) << found.error().message;
      link = *found;
    });
    return link;
  }
  /// What a change answers: Code::ok or the code of its failure.
  template <class F>
  Code change(F&& work) {
    Code code = Code::internal;
    environment.write([&](Tx tx) { code = work(tx).code(); });
    return code;
  }
  std::int64_t things() {
    std::int64_t count = -1;
    environment.read([&](Tx tx) { count = (*tx.row("select count(*) from contract_things"))->integer(0); });
    return count;
  }
  static auto insert(Tx tx, std::string_view id) {
    return tx.execute("insert into contract_things (id, amount) values (:id, :amount)", {id, 1});
  }

  Use<Links> links() { return Use<Links>(environment.links()); }
  Use<Documents> documents() { return Use<Documents>(environment.documents()); }
  Use<Notifier> notifier() { return Use<Notifier>(environment.notifier()); }
  Use<Audit> audit() { return Use<Audit>(environment.audit()); }
  Use<Database> database() { return Use<Database>(environment.database()); }

  Environment environment;
};

TYPED_TEST_SUITE_P(ServiceContract);

TYPED_TEST_P(ServiceContract, LinksCarryWhatTheyWereIssuedWith) {
  auto expires = this->environment.now() + kDay;
  auto id = this->issue({.maximum_uses = 3,
                         .resource = "thing-7",
                         .recipient = {.name = "Jane", .email = "jane@example.org", .language = "ja"},
                         .expires = expires});
  auto link = this->look(id);
  EXPECT_EQ(link.id, id);
  EXPECT_EQ(link.resource, "thing-7");
  EXPECT_EQ(link.name, "Jane");
  EXPECT_EQ(link.email, "jane@example.org");
  EXPECT_EQ(link.language, "ja");
  EXPECT_EQ(link.expires, expires);
  EXPECT_EQ(link.maximum_uses, 3);
  EXPECT_EQ(link.uses, 0);
  EXPECT_EQ(link.last_used, Timestamp{0});
  EXPECT_EQ(link.state, LinkState::active);
}

TYPED_TEST_P(ServiceContract, LinksHaveADefaultExpiry) {
  EXPECT_GT(this->look(this->issue()).expires, this->environment.now());
}

TYPED_TEST_P(ServiceContract, LinksExpireAndComeBackWithALaterExpiry) {
  auto id = this->issue({.resource = "thing-1", .expires = this->environment.now() + kHour});
  this->environment.advance(kHour);
  EXPECT_EQ(this->look(id).state, LinkState::expired);
  auto later = this->environment.now() + kHour;
  EXPECT_EQ(this->change([&](Tx tx) { return this->links().set_expiry(tx, id, later, "member:1"); }),
            Code::ok);
  EXPECT_EQ(this->look(id).state, LinkState::active);
}

TYPED_TEST_P(ServiceContract, LinksAreGoneAfterTheirLastUse) {
  auto id = this->issue({.maximum_uses = 2, .resource = "thing-1"});
  auto use = [&] { return this->change([&](Tx tx) { return this->links().use(tx, id); }); };
  EXPECT_EQ(use(), Code::ok);
  EXPECT_EQ(use(), Code::ok);
  EXPECT_EQ(this->look(id).state, LinkState::used_up);
  EXPECT_EQ(use(), Code::gone);
  EXPECT_EQ(this->look(id).uses, 2);
}

TYPED_TEST_P(ServiceContract, LinksStayRevoked) {
  auto id = this->issue();
  auto revoke = [&] { return this->change([&](Tx tx) { return this->links().revoke(tx, id, "member:1"); }); };
  EXPECT_EQ(revoke(), Code::ok);
  EXPECT_EQ(revoke(), Code::ok) << "revoking again is fine";
  EXPECT_EQ(this->look(id).state, LinkState::revoked);
  EXPECT_EQ(this->change([&](Tx tx) { return this->links().reissue(tx, id, "member:1"); }), Code::conflict);
}

TYPED_TEST_P(ServiceContract, LinksAreListedByResourceOldestFirst) {
  auto first = this->issue(), second = this->issue();
  this->issue({.resource = "thing-2"});
  this->environment.read([&](Tx tx) {
    auto listed = this->links().list(tx, "thing-1");
    ASSERT_TRUE(listed.ok());
    ASSERT_EQ(listed->size(), 2U);
    EXPECT_EQ((*listed)[0].id, first);
    EXPECT_EQ((*listed)[1].id, second);
    EXPECT_TRUE(this->links().list(tx, "nothing")->empty());
  });
}

TYPED_TEST_P(ServiceContract, LinksHaveAnAddressThatReissuingChanges) {
  auto id = this->issue();
  std::string before, after;
  auto address = [&](std::string& url) {
    this->environment.write([&](Tx tx) { url = *this->links().address(tx, id); });
  };
  address(before);
  EXPECT_EQ(this->change([&](Tx tx) { return this->links().reissue(tx, id, "member:1"); }), Code::ok);
  address(after);
  EXPECT_NE(before, "");
  EXPECT_NE(before, after);
}

TYPED_TEST_P(ServiceContract, UnknownLinksAreNotFound) {
  EXPECT_EQ(this->change([&](Tx tx) { return this->links().find(tx, "nobody"); }), Code::not_found);
  EXPECT_EQ(this->change([&](Tx tx) { return this->links().use(tx, "nobody"); }), Code::not_found);
  EXPECT_EQ(this->change([&](Tx tx) { return this->links().revoke(tx, "nobody", ""); }), Code::not_found);
}

TYPED_TEST_P(ServiceContract, DocumentsAreFoundInTheirVersions) {
  auto id = this->environment.add_document("Letter.pdf");
  EXPECT_EQ(this->environment.add_document("Letter.pdf"), id);
  this->environment.read([&](Tx tx) {
    EXPECT_EQ(this->documents().find(tx, id)->version, 2U);
    EXPECT_EQ(this->documents().find(tx, id, 1)->version, 1U);
    EXPECT_EQ(this->documents().find(tx, id)->name, "Letter.pdf");
    EXPECT_EQ(this->documents().find(tx, id)->sha256.size(), 64U);
    EXPECT_EQ(this->documents().find(tx, id, 3).code(), Code::not_found);
    EXPECT_EQ(this->documents().find(tx, "nobody").code(), Code::not_found);
  });
}

TYPED_TEST_P(ServiceContract, DocumentsOfAFolderAreListedByName) {
  this->environment.add_document("b.pdf");
  this->environment.add_document("a.pdf");
  this->environment.add_document("b.pdf");
  this->environment.read([&](Tx tx) {
    auto listed = this->documents().list(tx, this->environment.folder());
    ASSERT_TRUE(listed.ok());
    ASSERT_EQ(listed->size(), 2U);
    EXPECT_EQ((*listed)[0].name, "a.pdf");
    EXPECT_EQ((*listed)[1].name, "b.pdf");
    EXPECT_EQ((*listed)[1].version, 2U);
  });
}

TYPED_TEST_P(ServiceContract, MessagesNeedAnAddress) {
  auto link = this->issue();
  auto queue = [&](std::string_view email) {
    return this->change([&](Tx tx) {
      return this->notifier().queue(
          tx, {.key = "asked", .recipient = {.email = email}, .link = link, .values = "{}"});
    });
  };
  EXPECT_EQ(queue("jane@example.org"), Code::ok);
  EXPECT_EQ(queue(""), Code::invalid);
}

TYPED_TEST_P(ServiceContract, AuditLinesOfASubjectComeBackInOrder) {
  this->environment.write([&](Tx tx) {
    ASSERT_TRUE(this->audit().append(tx, "thing.made", "thing-1", R"({"a": 1})").ok());
    ASSERT_TRUE(this->audit().append(tx, "thing.made", "thing-2").ok());
    ASSERT_TRUE(this->audit().append(tx, "thing.seen", "thing-1").ok());
  });
  this->environment.read([&](Tx tx) {
    auto lines = this->audit().list(tx, "thing-1");
    ASSERT_TRUE(lines.ok());
    ASSERT_EQ(lines->size(), 2U);
    EXPECT_NE((*lines)[0].find("\"thing.made\""), std::string::npos);
    EXPECT_NE((*lines)[1].find("\"thing.seen\""), std::string::npos);
  });
}

TYPED_TEST_P(ServiceContract, RowsKeepIntegersTextsAndNulls) {
  this->environment.write([&](Tx tx) {
    auto made = tx.execute("insert into contract_things (id, amount, note) values (:id, :amount, :note)",
                           {"thing-1", INT64_MAX, nullptr});
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(*made, 1);
  });
  this->environment.read([&](Tx tx) {
    auto row = tx.row("select id, amount, note from contract_things where id = :id", {"thing-1"});
    ASSERT_TRUE(row.ok() && row->has_value());
    auto [id, amount, note] = (*row)->template as<std::string, std::int64_t, std::optional<std::string>>();
    EXPECT_EQ(id, "thing-1");
    EXPECT_EQ(amount, INT64_MAX);
    EXPECT_FALSE(note.has_value());
    EXPECT_FALSE(tx.row("select id from contract_things where id = :id", {"nobody"})->has_value());
  });
}

TYPED_TEST_P(ServiceContract, ABrokenUniquenessIsAConflict) {
  EXPECT_EQ(this->change([&](Tx tx) { return this->insert(tx, "thing-1"); }), Code::ok);
  Code code = Code::ok;
  this->environment.undo([&](Tx tx) { code = this->insert(tx, "thing-1").code(); });
  EXPECT_EQ(code, Code::conflict);
}

TYPED_TEST_P(ServiceContract, AGetChangesNothing) {
  this->environment.read([&](Tx tx) {
    EXPECT_FALSE(tx.writable());
    EXPECT_FALSE(this->insert(tx, "thing-1").ok());
  });
  this->environment.read([&](Tx tx) { EXPECT_FALSE(this->links().issue(tx, {.resource = "thing-1"}).ok()); });
  this->environment.read(
      [&](Tx tx) { EXPECT_FALSE(this->audit().append(tx, "thing.made", "thing-1").ok()); });
  EXPECT_EQ(this->things(), 0);
}

TYPED_TEST_P(ServiceContract, ARollbackTakesEverythingBack) {
  std::string link;
  this->environment.undo([&](Tx tx) {
    ASSERT_TRUE(this->insert(tx, "thing-1").ok());
    link = *this->links().issue(tx, {.resource = "thing-1"});
    ASSERT_TRUE(this->audit().append(tx, "thing.made", "thing-1").ok());
  });
  EXPECT_EQ(this->things(), 0);
  this->environment.read([&](Tx tx) {
    EXPECT_EQ(this->links().find(tx, link).code(), Code::not_found);
    EXPECT_TRUE(this->audit().list(tx, "thing-1")->empty());
  });
}

TYPED_TEST_P(ServiceContract, ATransactionOfOnesOwnIsKeptOrNot) {
  auto kept = this->database().transact([&](Tx tx) { return this->insert(tx, "thing-1"); });
  EXPECT_TRUE(kept.ok());
  auto lost = this->database().transact([&](Tx tx) -> Result<std::int64_t> {
    POSTERN_CHECK(this->insert(tx, "thing-2"));
    return {Code::unprocessable, "changed my mind", "field"};
  });
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, Code::unprocessable);
  EXPECT_EQ(lost.error().message, "changed my mind");
  EXPECT_EQ(this->things(), 1);
}

REGISTER_TYPED_TEST_SUITE_P(ServiceContract, LinksCarryWhatTheyWereIssuedWith, LinksHaveADefaultExpiry,
                            LinksExpireAndComeBackWithALaterExpiry, LinksAreGoneAfterTheirLastUse,
                            LinksStayRevoked, LinksAreListedByResourceOldestFirst,
                            LinksHaveAnAddressThatReissuingChanges, UnknownLinksAreNotFound,
                            DocumentsAreFoundInTheirVersions, DocumentsOfAFolderAreListedByName,
                            MessagesNeedAnAddress, AuditLinesOfASubjectComeBackInOrder,
                            RowsKeepIntegersTextsAndNulls, ABrokenUniquenessIsAConflict, AGetChangesNothing,
                            ARollbackTakesEverythingBack, ATransactionOfOnesOwnIsKeptOrNot);

}  // namespace postern::testing
