#include "host/firm/adapters.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/crypto/crypto.hpp"

namespace postern::firm {
namespace {

/// The first error a body reported, kept to travel out of the transaction.
class KeptError final : public ErrorSink {
 public:
  void error(Code code, std::string_view message, std::string_view field) noexcept override {
    error_ = Error{code, std::string(message), std::string(field)};
  }
  Error take(Code code) { return error_.message.empty() ? Error{code, std::string(name(code)), {}} : std::move(error_); }

 private:
  Error error_;
};

Result<void> ok_if(bool found, std::string_view what, std::string_view id) {
  if (found) return {};
  return {Code::not_found, "no " + std::string(what) + " " + std::string(id.substr(0, 64))};
}

/// A line of the audit as plugins get it.
std::string to_json(const services::AuditLine& line) {
  const auto& actor = line.actor;
  const nlohmann::json json{{"seq", line.sequence},
                            {"at", line.at.ms},
                            {"event", line.event},
                            {"subject", line.subject},
                            {"actor",
                             {{"member", actor.member_name},
                              {"link", actor.link},
                              {"recipient", actor.recipient},
                              {"address", actor.address},
                              {"user_agent", actor.user_agent}}},
                            {"details", nlohmann::json::parse(line.details, nullptr, false)}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// All pages of what `filter` lets through, oldest first.
std::vector<services::AuditLine> every_line(const Firm& firm, db::HostTransaction& transaction,
                                            services::AuditFilter filter) {
  std::vector<services::AuditLine> all;
  for (;;) {
    auto found = firm.audit.list(transaction, filter);
    const bool last = found.size() < static_cast<std::size_t>(filter.limit);
    all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    if (last) return all;
    filter.after = all.back().sequence;
  }
}

/// Calls without a value have nothing to hand over.
constexpr auto kNothing = [](auto&) {};

}  // namespace

Code ScopedDatabase::transact(TransactionBody& body, ErrorSink& error) {
  return answer(
      nullptr, error,
      [&]() -> Result<void> {
        return firm_.database->write([&](db::HostTransaction& transaction) -> Result<void> {
          KeptError kept;
          const Code code = body.run(transaction, kept);
          if (code == Code::ok) return {};
          return kept.take(code);
        });
      },
      kNothing);
}

Result<services::Link> ScopedLinks::own(Transaction& transaction, std::string_view id) const {
  POSTERN_TRY(services::Link link, firm_.links->find(db::host(transaction), id));
  POSTERN_CHECK(ok_if(link.plugin == plugin_, "link", id));
  return link;
}

Code ScopedLinks::issue(Transaction& transaction, const LinkSpec& spec, TextSink& id, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&] {
        services::NewLink link;
        link.plugin = plugin_;
        link.resource = spec.resource;
        link.name = spec.recipient.name;
        link.email = spec.recipient.email;
        link.phone = spec.recipient.phone;
        link.language = spec.recipient.language;
        link.issued_by = spec.issued_by;
        link.not_before = spec.not_before;
        link.expires = spec.expires;
        link.maximum_uses = spec.maximum_uses;
        return firm_.links->issue(db::host(transaction), link);
      },
      [&](auto& link) { id.text(link->id); });
}

Code ScopedLinks::revoke(Transaction& transaction, std::string_view id, std::string_view, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        POSTERN_CHECK(own(transaction, id));
        return firm_.links->revoke(db::host(transaction), id);
      },
      kNothing);
}

Code ScopedLinks::reissue(Transaction& transaction, std::string_view id, std::string_view, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        POSTERN_CHECK(own(transaction, id));
        return firm_.links->reissue(db::host(transaction), id);
      },
      kNothing);
}

Code ScopedLinks::set_expiry(Transaction& transaction, std::string_view id, Timestamp expires, std::string_view,
                             ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        POSTERN_CHECK(own(transaction, id));
        return firm_.links->set_expiry(db::host(transaction), id, expires);
      },
      kNothing);
}

Code ScopedLinks::use(Transaction& transaction, std::string_view id, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        POSTERN_CHECK(own(transaction, id));
        return firm_.links->use(db::host(transaction), id);
      },
      kNothing);
}

Code ScopedLinks::find(Transaction& transaction, std::string_view id, LinkSink& link, ErrorSink& error) {
  return answer(
      &transaction, error, [&] { return own(transaction, id); },
      [&](auto& found) { link.link(found->info(db::host(transaction).now)); });
}

Code ScopedLinks::list(Transaction& transaction, std::string_view resource, LinkSink& links, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        services::LinkFilter filter;
        filter.plugin = plugin_;
        filter.resource = std::string(resource);
        for (;;) {
          const auto found = firm_.links->list(db::host(transaction), filter);
          for (const auto& link : found) links.link(link.info(db::host(transaction).now));
          if (found.size() < static_cast<std::size_t>(filter.limit)) return {};
          filter.after = found.back().id;
        }
      },
      kNothing);
}

Code ScopedLinks::address(Transaction& transaction, std::string_view id, TextSink& url, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<std::string> {
        POSTERN_TRY(const services::Link link, own(transaction, id));
        return firm_.links->address(link);
      },
      [&](auto& text) { url.text(*text); });
}

Code ScopedDocuments::find(Transaction& transaction, std::string_view id, std::uint32_t version, DocumentSink& document,
                           ErrorSink& error) {
  return answer(
      &transaction, error, [&] { return firm_.documents->document(db::host(transaction), id, version); },
      [&](auto& found) { document.document(found->info()); });
}

Code ScopedDocuments::list(Transaction& transaction, std::string_view folder, DocumentSink& documents,
                           ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<std::vector<services::Document>> {
        std::vector<services::Document> all;
        services::Page page;
        for (;;) {
          auto found = firm_.documents->documents(db::host(transaction), folder, page);
          const bool last = found.size() < static_cast<std::size_t>(page.limit);
          if (!found.empty()) page.after = found.back().id;
          std::move(found.begin(), found.end(), std::back_inserter(all));
          if (last) break;
        }
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return all;
      },
      [&](auto& all) {
        for (const auto& document : *all) documents.document(document.info());
      });
}

Code ScopedNotifier::queue(Transaction& transaction, const Message& message, TextSink& id, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&] {
        services::NewMessage queued;
        queued.plugin = plugin_;
        queued.key = message.key;
        queued.reference = message.reference;
        queued.link = message.link;
        queued.name = message.recipient.name;
        queued.email = message.recipient.email;
        queued.language = message.recipient.language;
        if (!message.values.empty()) queued.values = message.values;
        queued.member_name = message.member_name;
        queued.member_email = message.member_email;
        queued.quotation = message.quotation;
        return firm_.outbox->queue(db::host(transaction), queued);
      },
      [&](auto& text) { id.text(*text); });
}

Code ScopedAudit::append(Transaction& transaction, std::string_view event, std::string_view subject,
                         std::string_view details, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        if (details.empty()) details = "{}";
        if (details.size() > 16 * 1024)
          return {Code::invalid, "audit details of " + std::string(event) + " are over 16 KiB", "details"};
        if (!nlohmann::json::accept(details))
          return {Code::invalid, "audit details of " + std::string(event) + " are not JSON", "details"};
        firm_.audit.append(db::host(transaction), plugin_, event, subject, details);
        return {};
      },
      kNothing);
}

Code ScopedAudit::list(Transaction& transaction, std::string_view subject, TextSink& lines, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        services::AuditFilter filter;
        filter.subject = std::string(subject);
        for (const auto& line : every_line(firm_, db::host(transaction), filter)) lines.text(to_json(line));
        return {};
      },
      kNothing);
}

Code ScopedAudit::list_link(Transaction& transaction, std::string_view link, TextSink& lines, ErrorSink& error) {
  return answer(
      &transaction, error,
      [&]() -> Result<void> {
        POSTERN_TRY(const services::Link found, firm_.links->find(db::host(transaction), link));
        POSTERN_CHECK(ok_if(found.plugin == plugin_, "link", link));
        services::AuditFilter by_it, about_it;
        by_it.link = about_it.subject = std::string(link);
        auto all = every_line(firm_, db::host(transaction), by_it);
        for (auto& line : every_line(firm_, db::host(transaction), about_it))
          if (line.actor.link != link) all.push_back(std::move(line));
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
        for (const auto& line : all) lines.text(to_json(line));
        return {};
      },
      kNothing);
}

Code ScopedPages::text(std::string_view language, std::string_view key, std::string_view values, TextSink& text,
                       ErrorSink& error) {
  return answer(
      nullptr, error, [&] { return firm_.pages->text(plugin_, language, key, values); },
      [&](auto& drawn) { text.text(*drawn); });
}

void FirmRandom::fill(std::span<std::byte> out) noexcept { crypto::random(out); }

settings::Value SettingsView::at(std::string_view path, settings::Value::Kind kind) const {
  settings::Value value = root_.at_path(path);
  if (value.kind() == kind) return value;
  log_.write(Severity::error, "setting '" + std::string(path) + "' is not a " + std::string(settings::name(kind)) +
                                  " of the manifest's schema");
  return {};
}

std::string_view SettingsView::text(std::string_view path) const noexcept {
  return at(path, settings::Value::Kind::text).text();
}
std::int64_t SettingsView::integer(std::string_view path) const noexcept {
  return at(path, settings::Value::Kind::integer).integer();
}
bool SettingsView::flag(std::string_view path) const noexcept {
  return at(path, settings::Value::Kind::boolean).boolean();
}

std::string_view SettingsView::json(std::string_view path) const noexcept {
  const std::lock_guard lock(mutex_);
  const auto known = json_.find(path);
  if (known != json_.end()) return known->second;
  return json_.emplace(std::string(path), root_.at_path(path).to_json()).first->second;
}

}  // namespace postern::firm
