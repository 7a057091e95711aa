// A firm's links on a fresh database, for the tests of links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/services/links.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {

using db::HostTransaction;

class LinksTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (IsSkipped()) return;
    apply("host/services/schema.sql");
    auto keys = FirmKeys::open((keys_folder_.path() / "keys").string());
    ASSERT_TRUE(keys.ok()) << keys.error().message;
    keys_.emplace(*std::move(keys));
    links_.emplace(
        *keys_, audit_,
        LinkDefaults{.expires_in = 14 * kDay, .longest = 90 * kDay, .base_url = "https://links.example"});
  }

  template <class F>
  auto write(F work) {
    return database().write(std::move(work));
  }
  Result<Link> issue(NewLink wanted) {
    return write([&](HostTransaction& transaction) { return links_->issue(transaction, wanted); });
  }
  Link issued(NewLink wanted = plain()) {
    auto link = issue(std::move(wanted));
    EXPECT_TRUE(link.ok()) << link.error().message;
    return link.ok() ? *std::move(link) : Link{};
  }
  static NewLink plain() {
    return {.plugin = "share",
            .resource = "s1",
            .name = "Client",
            .email = "client@example.com",
            .language = "en"};
  }
  Result<Link> find_by_token(std::string_view token) {
    return database().read(
        [&](HostTransaction& transaction) { return links_->find_by_token(transaction, token); });
  }
  Result<Link> find(std::string_view id) {
    return database().read([&](HostTransaction& transaction) { return links_->find(transaction, id); });
  }
  Result<void> use(std::string_view id) {
    return write([&](HostTransaction& transaction) { return links_->use(transaction, id); });
  }
  Result<void> revoke(std::string_view id) {
    return write([&](HostTransaction& transaction) { return links_->revoke(transaction, id); });
  }
  Result<void> reissue(std::string_view id) {
    return write([&](HostTransaction& transaction) { return links_->reissue(transaction, id); });
  }
  Result<void> set_expiry(std::string_view id, Timestamp expires) {
    return write([&](HostTransaction& transaction) { return links_->set_expiry(transaction, id, expires); });
  }
  LinkState state(std::string_view id) { return find(id)->state(clock_.now()); }
  std::vector<std::string> events(std::string_view id) {
    std::vector<std::string> found;
    for (const auto& row : rows("select event from audit where subject = :id order by sequence", {id})) {
      found.push_back(row[0].text());
    }
    return found;
  }

  testing::TemporaryFolder keys_folder_;
  const Audit audit_{};
  std::optional<FirmKeys> keys_;
  std::optional<Links> links_;
};
}  // namespace postern::services
