// Services in comfort: `Use<Links>` is the Links service with Results instead of codes and sinks, and with
// structs that own their text. Layer 2: compiled into the plugin, never crosses the boundary.
//
//   Use<Links> links_;  Use<Audit> audit_;
//   Result<void> setup(Services& services, const Settings&) override { return services.require(links_,
//   audit_); }
//
// A Use is a pointer: cheap to copy, valid for the plugin's life. Calling one that was never required is a
// bug and throws std::logic_error. Every call is [any thread, may block] unless it says otherwise.
#pragma once

#include <array>
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postern/audit.hpp"
#include "postern/clock.hpp"
#include "postern/documents.hpp"
#include "postern/links.hpp"
#include "postern/notifier.hpp"
#include "postern/pages.hpp"
#include "postern/plugin.hpp"
#include "postern/result.hpp"
#include "postern/rows.hpp"

namespace postern {

/// A link with text of its own.
struct OwnedLink {
  std::string id, plugin, resource;
  std::string name, email, phone, language;  // of the recipient
  std::string issued_by;
  LinkState state = LinkState::active;
  Timestamp issued, not_before, expires, last_used, last_opened;  // the last two are 0 when it never happened
  std::int64_t uses = 0, maximum_uses = 0;

  OwnedLink() = default;
  explicit OwnedLink(const LinkInfo& link)
      : id(link.id),
        plugin(link.plugin),
        resource(link.resource),
        name(link.recipient.name),
        email(link.recipient.email),
        phone(link.recipient.phone),
        language(link.recipient.language),
        issued_by(link.issued_by),
        state(link.state),
        issued(link.issued),
        not_before(link.not_before),
        expires(link.expires),
        last_used(link.last_used),
        last_opened(link.last_opened),
        uses(link.uses),
        maximum_uses(link.maximum_uses) {}
  /// Views into this object.
  Recipient recipient() const { return {.name = name, .email = email, .phone = phone, .language = language}; }
};

/// A version of a document with text of its own.
struct OwnedDocument {
  std::string id, account, folder, name, type, sha256;
  std::uint32_t version = 1;
  std::int64_t bytes = 0;
  Timestamp created;

  OwnedDocument() = default;
  explicit OwnedDocument(const DocumentInfo& document)
      : id(document.id),
        account(document.account),
        folder(document.folder),
        name(document.name),
        type(document.type),
        sha256(document.sha256),
        version(document.version),
        bytes(document.bytes),
        created(document.created) {}
};

namespace detail {

class KeptText final : public TextSink {
 public:
  void text(std::string_view text) override {
    guard.run([&] { kept.emplace_back(text); });
  }
  SinkGuard guard;
  std::vector<std::string> kept;
};

class KeptLinks final : public LinkSink {
 public:
  void link(const LinkInfo& link) override {
    guard.run([&] { kept.emplace_back(link); });
  }
  SinkGuard guard;
  std::vector<OwnedLink> kept;
};

class KeptDocuments final : public DocumentSink {
 public:
  void document(const DocumentInfo& document) override {
    guard.run([&] { kept.emplace_back(document); });
  }
  SinkGuard guard;
  std::vector<OwnedDocument> kept;
};

/// A call that only succeeds or fails.
template <class F>
Result<void> done(F&& call) {
  KeptError error;
  if (Code code = call(error); code != Code::ok) return error.take(code);
  return {};
}

/// A call that fills a sink: everything it got.
template <class Kept, class F>
auto all(F&& call) -> Result<decltype(Kept::kept)> {
  KeptError error;
  Kept kept;
  Code code = call(kept, error);
  kept.guard.rethrow();
  if (code != Code::ok) return error.take(code);
  return std::move(kept.kept);
}

/// A call that fills a sink once.
template <class Kept, class F>
auto one(F&& call) -> Result<typename decltype(Kept::kept)::value_type> {
  auto kept = all<Kept>(std::forward<F>(call));
  if (!kept.ok()) return std::move(kept).error();
  if (kept->size() != 1)
    return {Code::internal, "a service said ok and gave " + std::to_string(kept->size()) + " answers"};
  return std::move(kept->front());
}

}  // namespace detail

/// What all Uses share.
template <class S>
class UseOf {
 public:
  using Service = S;
  UseOf() = default;
  explicit UseOf(S& service) : service_(&service) {}
  explicit operator bool() const { return service_ != nullptr; }
  /// The interface itself.
  S& service() const {
    if (service_ == nullptr)
      throw std::logic_error("the service " + std::string(S::kId) + " was not required in setup()");
    return *service_;
  }

 private:
  S* service_ = nullptr;
};

template <class S>
class Use : public UseOf<S> {
 public:
  using UseOf<S>::UseOf;
};

template <>
class Use<Clock> : public UseOf<Clock> {
 public:
  using UseOf::UseOf;
  Timestamp now() const { return service().now(); }
};

template <>
class Use<Random> : public UseOf<Random> {
 public:
  using UseOf::UseOf;
  /// 128 random bits as 32 hexadecimal digits: an id that cannot be guessed.
  std::string id() const {
    std::array<std::byte, 16> bytes{};
    service().fill(bytes);
    std::string text;
    for (auto byte : bytes) {
      for (auto half : {std::to_integer<unsigned>(byte) >> 4, std::to_integer<unsigned>(byte) & 15U}) {
        text += "0123456789abcdef"[half];
      }
    }
    return text;
  }
};

template <>
class Use<Log> : public UseOf<Log> {
 public:
  using UseOf::UseOf;
  void info(std::string_view message) const { service().write(Severity::info, message); }
  void warning(std::string_view message) const { service().write(Severity::warning, message); }
  void error(std::string_view message) const { service().write(Severity::error, message); }
};

template <>
class Use<Database> : public UseOf<Database> {
 public:
  using UseOf::UseOf;
  /// Runs `body(Tx)`, which returns a Result, in a transaction of its own and commits; an Error rolls back.
  /// Only needed outside a door. `body` may run more than once.
  template <std::invocable<Tx> F>
  auto transact(F&& body) const -> std::invoke_result_t<F, Tx> {
    using R = std::invoke_result_t<F, Tx>;
    class Body final : public TransactionBody {
     public:
      explicit Body(F& function) : function_(function) {}
      Code run(Transaction& transaction, ErrorSink& error) override {
        if (!guard.run([&] { result.emplace(function_(Tx(transaction))); })) return Code::internal;
        if (!result->ok()) error.error(result->error().code, result->error().message, result->error().field);
        return result->code();
      }
      SinkGuard guard;
      std::optional<R> result;

     private:
      F& function_;
    } run(body);
    KeptError error;
    Code code = service().transact(run, error);
    run.guard.rethrow();
    if (code != Code::ok) return error.take(code);
    return *std::move(run.result);
  }
};

template <>
class Use<Links> : public UseOf<Links> {
 public:
  using UseOf::UseOf;
  /// The new link's id.
  Result<std::string> issue(Transaction& tx, const LinkSpec& spec) const {
    return detail::one<detail::KeptText>(
        [&](auto& id, auto& error) { return service().issue(tx, spec, id, error); });
  }
  Result<void> revoke(Transaction& tx, std::string_view id, std::string_view by) const {
    return detail::done([&](auto& error) { return service().revoke(tx, id, by, error); });
  }
  Result<void> reissue(Transaction& tx, std::string_view id, std::string_view by) const {
    return detail::done([&](auto& error) { return service().reissue(tx, id, by, error); });
  }
  Result<void> set_expiry(Transaction& tx, std::string_view id, Timestamp expires,
                          std::string_view by) const {
    return detail::done([&](auto& error) { return service().set_expiry(tx, id, expires, by, error); });
  }
  Result<void> use(Transaction& tx, std::string_view id) const {
    return detail::done([&](auto& error) { return service().use(tx, id, error); });
  }
  Result<OwnedLink> find(Transaction& tx, std::string_view id) const {
    return detail::one<detail::KeptLinks>(
        [&](auto& link, auto& error) { return service().find(tx, id, link, error); });
  }
  Result<std::vector<OwnedLink>> list(Transaction& tx, std::string_view resource) const {
    return detail::all<detail::KeptLinks>(
        [&](auto& links, auto& error) { return service().list(tx, resource, links, error); });
  }
  /// Holds the token: hand it to staff who asked for it, never log it.
  Result<std::string> address(Transaction& tx, std::string_view id) const {
    return detail::one<detail::KeptText>(
        [&](auto& url, auto& error) { return service().address(tx, id, url, error); });
  }
};

template <>
class Use<Documents> : public UseOf<Documents> {
 public:
  using UseOf::UseOf;
  /// `version` 0: the newest.
  Result<OwnedDocument> find(Transaction& tx, std::string_view id, std::uint32_t version = 0) const {
    return detail::one<detail::KeptDocuments>(
        [&](auto& document, auto& error) { return service().find(tx, id, version, document, error); });
  }
  Result<std::vector<OwnedDocument>> list(Transaction& tx, std::string_view folder) const {
    return detail::all<detail::KeptDocuments>(
        [&](auto& documents, auto& error) { return service().list(tx, folder, documents, error); });
  }
};

template <>
class Use<Notifier> : public UseOf<Notifier> {
 public:
  using UseOf::UseOf;
  /// The queued message's id.
  Result<std::string> queue(Transaction& tx, const Message& message) const {
    return detail::one<detail::KeptText>(
        [&](auto& id, auto& error) { return service().queue(tx, message, id, error); });
  }
};

template <>
class Use<Audit> : public UseOf<Audit> {
 public:
  using UseOf::UseOf;
  Result<void> append(Transaction& tx, std::string_view event, std::string_view subject,
                      std::string_view details = "{}") const {
    return detail::done([&](auto& error) { return service().append(tx, event, subject, details, error); });
  }
  /// JSON objects, oldest first.
  Result<std::vector<std::string>> list(Transaction& tx, std::string_view subject) const {
    return detail::all<detail::KeptText>(
        [&](auto& lines, auto& error) { return service().list(tx, subject, lines, error); });
  }
  /// The same of one of the plugin's own links: what its recipient did, and what was done to it.
  Result<std::vector<std::string>> list_link(Transaction& tx, std::string_view link) const {
    return detail::all<detail::KeptText>(
        [&](auto& lines, auto& error) { return service().list_link(tx, link, lines, error); });
  }
};

template <>
class Use<Pages> : public UseOf<Pages> {
 public:
  using UseOf::UseOf;
  Result<std::string> text(std::string_view language, std::string_view key,
                           std::string_view values = "{}") const {
    return detail::one<detail::KeptText>(
        [&](auto& text, auto& error) { return service().text(language, key, values, text, error); });
  }
};

/// The host's services, asked for by type. [called in setup()]
class Services {
 public:
  explicit Services(Host& host) : host_(host) {}

  /// All of them, or the sentence that refuses the plugin.
  template <class... S>
  Result<void> require(Use<S>&... uses) const {
    Result<void> result;
    (void)(take(uses, result) && ...);
    return result;
  }
  template <class S>
  Result<Use<S>> require() const {
    Use<S> use;
    POSTERN_CHECK(require(use));
    return use;
  }
  /// Null inside when the host does not offer it or the firm does not grant it.
  template <class S>
  Use<S> find() const {
    auto* service = static_cast<S*>(host_.service(S::kId));
    return service == nullptr ? Use<S>() : Use<S>(*service);
  }

 private:
  template <class S>
  bool take(Use<S>& use, Result<void>& result) const {
    use = find<S>();
    if (!use) {
      result = {Code::unavailable,
                "the service " + std::string(S::kId) +
                    " is not there; list it under needs in manifest.yaml and under allow in the firm's YAML"};
    }
    return static_cast<bool>(use);
  }

  Host& host_;
};

}  // namespace postern
