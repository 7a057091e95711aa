// FakeHost: every service as a fake, and the host's way of calling a door: one transaction, committed when
// the answer is good and below 400. PluginUnderTest runs a plugin class on it, fence included.
//
//   PluginUnderTest<Ack> ack;                       // sdk/template/ack_test.cpp is the whole example
//   ack.host.database.apply(read_file("schema.sql"));
//   ASSERT_TRUE(ack.start().ok());
//   auto answer = ack.staff({.route = "create", .method = "POST", .body = R"({...})"});
//   ack.host.links.fail_next(Code::unavailable);
#pragma once

#include <array>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "postern/glue.hpp"
#include "postern/plugin.hpp"
#include "postern/testing/doubles.hpp"
#include "postern/testing/fake_database.hpp"
#include "postern/testing/fake_documents.hpp"
#include "postern/testing/fake_links.hpp"
#include "postern/testing/fake_small.hpp"

namespace postern::testing {

/// [any thread, concurrent], but for `withheld`, which is set before a plugin asks.
class FakeHost final : public Host {
 public:
  explicit FakeHost(std::string plugin = "plugin") : links(clock, std::move(plugin)) {}

  FakeClock clock;
  FakeRandom random;
  FakeLog log;
  FakeSettings settings;
  FakeDatabase database;
  FakeLinks links;
  FakeDocuments documents;
  FakeNotifier notifier;
  FakeAudit audit;
  FakePages pages;
  std::set<std::string, std::less<>> withheld;  // ids the firm does not grant, e.g. "links/1"

  void* service(std::string_view id) noexcept override {
    if (withheld.contains(id)) return nullptr;
    if (id == Clock::kId) return static_cast<Clock*>(&clock);
    if (id == Random::kId) return static_cast<Random*>(&random);
    if (id == Log::kId) return static_cast<Log*>(&log);
    if (id == Database::kId) return static_cast<Database*>(&database);
    if (id == Links::kId) return static_cast<Links*>(&links);
    if (id == Documents::kId) return static_cast<Documents*>(&documents);
    if (id == Notifier::kId) return static_cast<Notifier*>(&notifier);
    if (id == Audit::kId) return static_cast<Audit*>(&audit);
    if (id == Pages::kId) return static_cast<Pages*>(&pages);
    return nullptr;
  }

  /// Every service that can be told to fail.
  std::array<Faults*, 6> faults() { return {&database, &links, &documents, &notifier, &audit, &pages}; }

  /// Calls a recipient door as the holder of `link`, which need not be one of `links`.
  Answer recipient(RecipientDoor& door, const Call& call, const LinkInfo& link) {
    Grant grant;
    grant.link = link;
    grant.path = "/l/fake-token";
    grant.firm = "Acme Tax";
    return run(call, [&](const Request& request, Response& response, ErrorSink& error) {
      return door.recipient(request, grant, response, error);
    });
  }
  /// As the holder of one of `links`.
  Answer recipient(RecipientDoor& door, const Call& call, std::string_view link) {
    const auto* found = links.find(link);
    if (found == nullptr) throw std::invalid_argument("no link was issued with the id " + std::string(link));
    const OwnedLink copy = *found;  // the call may change the list
    return recipient(door, call, links.info(copy));
  }
  Answer staff(StaffDoor& door, const Call& call, const Member& member) {
    return run(call, [&](const Request& request, Response& response, ErrorSink& error) {
      return door.staff(request, member, response, error);
    });
  }
  static Member member() {
    Member member;
    member.id = "member:1";
    member.name = "Ana Ruiz";
    member.email = "ana@acme.example";
    member.role = "member";
    return member;
  }

 private:
  template <class F>
  Answer run(const Call& call, F&& door) {
    Answer answer;
    FakeTransaction transaction(database, call.method != "GET");
    FakeRequest request(call, transaction, clock);
    FakeResponse response(answer);
    KeptError error;
    answer.code = door(request, response, error);
    if (!answer.ok()) answer.error = error.take(answer.code);
    if (answer.committed()) transaction.commit();
    return answer;
  }
};

/// A plugin class on a FakeHost, called through its glue as the host would. T is destroyed with it.
template <class T>
class PluginUnderTest {
 public:
  FakeHost host;

  PluginUnderTest() = default;
  PluginUnderTest(const PluginUnderTest&) = delete;
  PluginUnderTest& operator=(const PluginUnderTest&) = delete;
  ~PluginUnderTest() {
    KeptError ignored;
    if (started_) Glue<T>::drain(plugin_, &ignored);
    if (started_) Glue<T>::stop(plugin_, &ignored);
    if (plugin_ != nullptr) Glue<T>::destroy(plugin_);
  }

  /// create, configure, start; the first Error of them.
  Result<void> start() {
    KeptError error;
    plugin_ = Glue<T>::create(&error);
    if (plugin_ == nullptr) return error.take(Code::internal);
    auto code = static_cast<Code>(Glue<T>::configure(plugin_, &host, &host.settings, &error));
    if (code != Code::ok) return error.take(code);
    started_ = true;
    code = static_cast<Code>(Glue<T>::start(plugin_, &error));
    if (code != Code::ok) return error.take(code);
    return {};
  }

  Answer recipient(const Call& call, std::string_view link) {
    return host.recipient(door<RecipientDoor>(), call, link);
  }
  Answer staff(const Call& call, const Member& member = FakeHost::member()) {
    return host.staff(door<StaffDoor>(), call, member);
  }

 private:
  template <class D>
  D& door() {
    if (!started_) throw std::logic_error("start() the plugin before calling its doors");
    auto* door = static_cast<D*>(Glue<T>::door(plugin_, D::kId.data()));
    if (door == nullptr) throw std::logic_error("the plugin does not open the door " + std::string(D::kId));
    return *door;
  }

  void* plugin_ = nullptr;
  bool started_ = false;
};

}  // namespace postern::testing
