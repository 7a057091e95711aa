// The host's own services keep the same contract as the SDK's fakes, on both databases.
#include "postern/testing/contract.hpp"

#include "host/crypto/crypto.hpp"
#include "host/firm/adapters.hpp"
#include "host/firm/open.hpp"
#include "host/web/embedded.hpp"
#include "tests/fixtures/clock.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::testing {
namespace {

constexpr const char* kFirm = R"(
name: Acme Tax
hosts: [acme.example]
base_url: https://acme.example
contact: {email: office@acme.example}
database: {url: "sqlite:firm.db"}
blobs: {minimum_free: 1 MiB}
notification: {from: {email: links@acme.example}}
)";

const services::Files kTexts{{"messages/en.yaml",
                              "asked: {subject: Acme asks, text: Please look, button: Look, why: Acme asked you}\n"
                              "message: {subject: Acme asks, text: Please look, button: Look, why: Acme asked you}\n"}};

/// A whole firm without plugins, seen as the plugin "contract" sees it.
template <db::Dialect D>
class RealEnvironment {
 public:
  RealEnvironment() {
    if (!available()) return;
    fresh_.emplace(D);
    auto read = settings::firm_settings_from(kFirm, "acme.yaml", folder_.path());
    EXPECT_TRUE(read.ok()) << settings::to_string(read.problems);
    read.settings.id = "acme";
    auto opened = firm::open(read.settings, clock_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    firm_ = *std::move(opened);
    auto database = db::FirmDatabase::open({fresh_->url(), 4, 5000}, clock_);
    EXPECT_TRUE(database.ok()) << database.error().message;
    firm_->database = *std::move(database);
    EXPECT_TRUE(firm::migrate(*firm_, {}).ok());
    services::Branding look;
    look.firm = "Acme Tax";
    auto pages = services::Pages::create(web::embedded_files(), look);
    EXPECT_TRUE(pages.ok()) << pages.error().message;
    firm_->pages = *std::move(pages);
    EXPECT_TRUE(firm_->pages->add_plugin("contract", kTexts).ok());
    firm_->outbox = std::make_unique<services::Outbox>(
        *firm_->database, *firm_->links, *firm_->pages, firm_->audit, clock_,
        services::Sender{"Acme Tax", "links@acme.example", "", "acme.example"},
        services::mailbox_transport((folder_.path() / "mailbox").string()));
    services_ = std::make_unique<Services>(*firm_);
  }

  bool available() const { return FreshDatabase::available(D); }
  Links& links() { return services_->links; }
  Documents& documents() { return services_->documents; }
  Notifier& notifier() { return services_->notifier; }
  Audit& audit() { return services_->audit; }
  Database& database() { return services_->database; }
  Timestamp now() { return clock_.now(); }
  void advance(std::int64_t milliseconds) { clock_.advance(milliseconds); }

  void apply(const std::string& schema) {
    const auto made = firm_->database->write([&](db::HostTransaction& transaction) -> Result<void> {
      transaction.change(schema);
      return {};
    });
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  std::string add_document(std::string name) {
    auto writer = firm_->blobs->create(std::nullopt);
    EXPECT_TRUE(writer.ok());
    EXPECT_TRUE((*writer)->write(crypto::bytes("content of " + name)).ok());
    auto blob = (*writer)->finish();
    EXPECT_TRUE(blob.ok());
    auto added = firm_->database->write([&](db::HostTransaction& transaction) -> Result<services::Document> {
      if (folder_id_.empty()) {
        POSTERN_TRY(const auto account,
                    firm_->documents->create_account(transaction, services::AccountKind::client, "Jane", ""));
        POSTERN_TRY(const auto made, firm_->documents->create_folder(transaction, account.id, "", "2026"));
        folder_id_ = made.id;
      }
      return firm_->documents->add(transaction, folder_id_, name, *blob, "test");
    });
    EXPECT_TRUE(added.ok()) << added.error().message;
    return added->id;
  }
  std::string folder() { return folder_id_; }

  template <class F>
  void write(F&& work) {
    ASSERT_TRUE(firm_->database->write(keep(work, true)).ok());
  }
  template <class F>
  void undo(F&& work) {
    ASSERT_EQ(firm_->database->write(keep(work, false)).code(), Code::conflict);
  }
  template <class F>
  void read(F&& work) {
    // A change that was tried and refused in it fails the whole transaction, which is what a GET should get.
    bool ran = false;
    [[maybe_unused]] const auto done = firm_->database->read([&](db::HostTransaction& transaction) -> Result<void> {
      ran = true;
      work(Tx(transaction));
      return {};
    });
    ASSERT_TRUE(ran);
  }

 private:
  struct Services {
    explicit Services(firm::Firm& firm)
        : database(firm), links(firm, "contract"), documents(firm), notifier(firm, "contract"), audit(firm, "contract") {}
    firm::ScopedDatabase database;
    firm::ScopedLinks links;
    firm::ScopedDocuments documents;
    firm::ScopedNotifier notifier;
    firm::ScopedAudit audit;
  };

  template <class F>
  static auto keep(F& work, bool commit) {
    return [&work, commit](db::HostTransaction& transaction) -> Result<void> {
      work(Tx(transaction));
      if (commit) return {};
      return {Code::conflict, "taken back"};
    };
  }

  TemporaryFolder folder_;
  std::optional<FreshDatabase> fresh_;
  ManualClock clock_;
  std::unique_ptr<firm::Firm> firm_;
  std::unique_ptr<Services> services_;
  std::string folder_id_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ServiceContract, RealEnvironment<db::Dialect::sqlite>);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgresql, ServiceContract, RealEnvironment<db::Dialect::postgresql>);

}  // namespace
}  // namespace postern::testing
