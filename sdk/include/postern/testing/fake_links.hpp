// FakeLinks: the Links service in memory, with its rules: expiry, uses, revocation. Passes the same contract
// as the host's (contract.hpp).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "postern/links.hpp"
#include "postern/services.hpp"
#include "postern/testing/fake_small.hpp"

namespace postern::testing {

class FakeLinks final : public Links, public Faults {
 public:
  static constexpr std::int64_t kDefaultLife = 14 * kDay;

  /// `clock` outlives it. `plugin`: whose links these are.
  FakeLinks(const FakeClock& clock, std::string plugin)
      : Faults(kId), clock_(clock), plugin_(std::move(plugin)) {}

  Code issue(Transaction& transaction, const LinkSpec& spec, TextSink& id, ErrorSink& error) override {
    if (Code code = begin(transaction, error); code != Code::ok) return code;
    if (spec.resource.empty()) return fail(error, Code::invalid, "a link needs a resource", "resource");
    if (spec.expires.ms != 0 && spec.expires <= clock_.now()) {
      return fail(error, Code::invalid, "the expiry lies in the past", "expires");
    }
    OwnedLink link;
    link.id = "link-" + std::to_string(all.size() + 1);
    link.plugin = plugin_;
    link.resource = spec.resource;
    link.name = spec.recipient.name;
    link.email = spec.recipient.email;
    link.phone = spec.recipient.phone;
    link.language = spec.recipient.language;
    link.issued_by = spec.issued_by;
    link.issued = clock_.now();
    link.not_before = spec.not_before;
    link.expires = spec.expires.ms == 0 ? clock_.now() + kDefaultLife : spec.expires;
    link.maximum_uses = spec.maximum_uses;
    all.push_back(link);
    id.text(link.id);
    return Code::ok;
  }

  Code revoke(Transaction& transaction, std::string_view id, std::string_view, ErrorSink& error) override {
    return change(transaction, id, error, [](OwnedLink& link) { link.state = LinkState::revoked; });
  }

  Code reissue(Transaction& transaction, std::string_view id, std::string_view, ErrorSink& error) override {
    Code code = change(transaction, id, error, [](OwnedLink&) {});
    if (code != Code::ok) return code;
    if (find(id)->state == LinkState::revoked)
      return fail(error, Code::conflict, "a revoked link cannot be reissued");
    ++generation;
    return Code::ok;
  }

  Code set_expiry(Transaction& transaction, std::string_view id, Timestamp expires, std::string_view,
                  ErrorSink& error) override {
    return change(transaction, id, error, [&](OwnedLink& link) { link.expires = expires; });
  }

  Code use(Transaction& transaction, std::string_view id, ErrorSink& error) override {
    Code code = change(transaction, id, error, [](OwnedLink&) {});
    if (code != Code::ok) return code;
    auto& link = *find(id);
    if (state(link) != LinkState::active) return fail(error, Code::gone, "the link has ended");
    ++link.uses;
    link.last_used = clock_.now();
    return Code::ok;
  }

  Code find(Transaction& transaction, std::string_view id, LinkSink& sink, ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    fake(transaction).enter();
    const auto* link = find(id);
    if (link == nullptr) return fail(error, Code::not_found, "there is no such link");
    sink.link(info(*link));
    return Code::ok;
  }

  Code list(Transaction& transaction, std::string_view resource, LinkSink& sink, ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    fake(transaction).enter();
    for (const auto& link : all) {
      if (link.resource == resource) sink.link(info(link));
    }
    return Code::ok;
  }

  Code address(Transaction& transaction, std::string_view id, TextSink& url, ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    fake(transaction).enter();
    const auto* link = find(id);
    if (link == nullptr) return fail(error, Code::not_found, "there is no such link");
    if (link->state == LinkState::revoked) return fail(error, Code::gone, "the link is revoked");
    url.text("https://links.example/l/token-of-" + link->id + "-" + std::to_string(generation));
    return Code::ok;
  }

  LinkState state(const OwnedLink& link) const {
    if (link.state == LinkState::revoked) return LinkState::revoked;
    if (link.expires <= clock_.now()) return LinkState::expired;
    if (link.maximum_uses != 0 && link.uses >= link.maximum_uses) return LinkState::used_up;
    return link.not_before > clock_.now() ? LinkState::pending : LinkState::active;
  }

  /// Views into `link`.
  LinkInfo info(const OwnedLink& link) const {
    LinkInfo info;
    info.state = state(link);
    info.id = link.id;
    info.plugin = link.plugin;
    info.resource = link.resource;
    info.recipient = link.recipient();
    info.issued = link.issued;
    info.not_before = link.not_before;
    info.expires = link.expires;
    info.last_used = link.last_used;
    info.last_opened = link.last_opened;
    info.uses = link.uses;
    info.maximum_uses = link.maximum_uses;
    info.issued_by = link.issued_by;
    return info;
  }

  OwnedLink* find(std::string_view id) {
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& link) { return link.id == id; });
    return found == all.end() ? nullptr : &*found;
  }

  std::vector<OwnedLink> all;  // in the order in which they were issued
  int generation = 1;

 private:
  Code begin(Transaction& transaction, ErrorSink& error) {
    if (Code code = strike(error); code != Code::ok) return code;
    if (!transaction.writable())
      return fail(error, Code::internal, "the transaction of a GET may not change anything");
    fake(transaction).enter();
    fake(transaction).enter([this, before = all] { all = before; });
    return Code::ok;
  }

  template <class F>
  Code change(Transaction& transaction, std::string_view id, ErrorSink& error, F&& body) {
    if (Code code = begin(transaction, error); code != Code::ok) return code;
    auto* link = find(id);
    if (link == nullptr) return fail(error, Code::not_found, "there is no such link");
    body(*link);
    return Code::ok;
  }

  const FakeClock& clock_;
  std::string plugin_;
};

}  // namespace postern::testing
