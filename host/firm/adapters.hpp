// The adapters behind ScopedServices, one class a service. Used by scoped.cpp and the contract tests only.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "host/firm/firm.hpp"
#include "host/log/log.hpp"
#include "postern/audit.hpp"
#include "postern/clock.hpp"
#include "postern/database.hpp"
#include "postern/documents.hpp"
#include "postern/links.hpp"
#include "postern/notifier.hpp"
#include "postern/pages.hpp"
#include "postern/settings.hpp"

namespace postern::firm {

/// Runs `work` (which returns a Result) for a service call: hands its value to `use`, or its failure to `sink`. What the
/// database throws is kept in the transaction, so that the whole request is repeated or refused at its edge, and never
/// crosses into the plugin.
template <class Work, class Use>
Code answer(Transaction* transaction, ErrorSink& sink, Work&& work, Use&& use) noexcept {
  try {
    auto result = work();
    if (!result.ok()) {
      sink.error(result.code(), result.error().message, result.error().field);
      return result.code();
    }
    use(result);
    return Code::ok;
  } catch (const db::Failure& failure) {
    if (transaction != nullptr) db::host(*transaction).failed(failure);
    sink.error(failure.code(), failure.what(), {});
    return failure.code();
  } catch (const std::exception& error) {
    sink.error(Code::internal, error.what(), {});
    return Code::internal;
  }
}

class ScopedDatabase final : public Database {
 public:
  explicit ScopedDatabase(Firm& firm) : firm_(firm) {}
  Code transact(TransactionBody& body, ErrorSink& error) override;

 private:
  Firm& firm_;
};

class ScopedLinks final : public Links {
 public:
  ScopedLinks(Firm& firm, std::string plugin) : firm_(firm), plugin_(std::move(plugin)) {}
  Code issue(Transaction& transaction, const LinkSpec& spec, TextSink& id, ErrorSink& error) override;
  Code revoke(Transaction& transaction, std::string_view id, std::string_view by, ErrorSink& error) override;
  Code reissue(Transaction& transaction, std::string_view id, std::string_view by, ErrorSink& error) override;
  Code set_expiry(Transaction& transaction, std::string_view id, Timestamp expires, std::string_view by,
                  ErrorSink& error) override;
  Code use(Transaction& transaction, std::string_view id, ErrorSink& error) override;
  Code find(Transaction& transaction, std::string_view id, LinkSink& link, ErrorSink& error) override;
  Code list(Transaction& transaction, std::string_view resource, LinkSink& links, ErrorSink& error) override;
  Code address(Transaction& transaction, std::string_view id, TextSink& url, ErrorSink& error) override;

 private:
  /// The link, if it is this plugin's; another plugin's is as good as none.
  Result<services::Link> own(Transaction& transaction, std::string_view id) const;
  Firm& firm_;
  std::string plugin_;
};

class ScopedDocuments final : public Documents {
 public:
  explicit ScopedDocuments(Firm& firm) : firm_(firm) {}
  Code find(Transaction& transaction, std::string_view id, std::uint32_t version, DocumentSink& document,
            ErrorSink& error) override;
  Code list(Transaction& transaction, std::string_view folder, DocumentSink& documents, ErrorSink& error) override;

 private:
  Firm& firm_;
};

class ScopedNotifier final : public Notifier {
 public:
  ScopedNotifier(Firm& firm, std::string plugin) : firm_(firm), plugin_(std::move(plugin)) {}
  Code queue(Transaction& transaction, const Message& message, TextSink& id, ErrorSink& error) override;

 private:
  Firm& firm_;
  std::string plugin_;
};

class ScopedAudit final : public Audit {
 public:
  ScopedAudit(Firm& firm, std::string plugin) : firm_(firm), plugin_(std::move(plugin)) {}
  Code append(Transaction& transaction, std::string_view event, std::string_view subject, std::string_view details,
              ErrorSink& error) override;
  Code list(Transaction& transaction, std::string_view subject, TextSink& lines, ErrorSink& error) override;
  Code list_link(Transaction& transaction, std::string_view link, TextSink& lines, ErrorSink& error) override;

 private:
  Firm& firm_;
  std::string plugin_;
};

class ScopedPages final : public Pages {
 public:
  ScopedPages(Firm& firm, std::string plugin) : firm_(firm), plugin_(std::move(plugin)) {}
  Code text(std::string_view language, std::string_view key, std::string_view values, TextSink& text,
            ErrorSink& error) override;

 private:
  Firm& firm_;
  std::string plugin_;
};

class FirmClock final : public Clock {
 public:
  explicit FirmClock(const Clock& clock) : clock_(clock) {}
  Timestamp now() const noexcept override { return clock_.now(); }

 private:
  const Clock& clock_;
};

class FirmRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) noexcept override;
};

class ScopedLog final : public Log {
 public:
  ScopedLog(log::Logger& logger, std::string firm, std::string plugin)
      : logger_(logger), firm_(std::move(firm)), plugin_(std::move(plugin)) {}
  void write(Severity severity, std::string_view message) noexcept override {
    logger_.event(severity, "plugin.says", {{"firm", firm_}, {"plugin", plugin_}, {"message", message}});
  }

 private:
  log::Logger& logger_;
  std::string firm_;
  std::string plugin_;
};

class SettingsView final : public Settings {
 public:
  SettingsView(settings::Value root, Log& log) : root_(std::move(root)), log_(log) {}
  std::string_view text(std::string_view path) const noexcept override;
  std::int64_t integer(std::string_view path) const noexcept override;
  bool flag(std::string_view path) const noexcept override;
  std::string_view json(std::string_view path) const noexcept override;

 private:
  settings::Value at(std::string_view path, settings::Value::Kind kind) const;
  settings::Value root_;
  Log& log_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::string, std::less<>> json_;  // keeps the texts of json() alive
};

}  // namespace postern::firm
