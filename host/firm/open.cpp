#include "host/firm/open.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/firm/scoped.hpp"
#include "host/settings/secret.hpp"
#include "host/web/brand.hpp"
#include "host/web/embedded.hpp"

namespace postern::firm {
namespace {

constexpr int kWrongKeysPerMinute = 10;  // of one address, at the staff API

using settings::FirmSettings;

Error in_firm(const FirmSettings& firm, Error error) {
  error.message = "firm " + firm.id + ": " + error.message;
  return error;
}

Result<std::unique_ptr<services::MailTransport>> transport(const FirmSettings& firm) {
  const auto& notification = firm.notification;
  if (notification.transport == FirmSettings::Transport::mailbox)
    return services::mailbox_transport(notification.mailbox.string());
  const auto& smtp = *notification.smtp;
  services::SmtpOptions options;
  options.host = smtp.host;
  options.port = smtp.port;
  using From = FirmSettings::Security;
  using To = services::SmtpOptions::Security;
  options.security = smtp.security == From::tls        ? To::tls
                     : smtp.security == From::starttls ? To::starttls
                                                       : To::none;
  options.user = smtp.user;
  if (!smtp.user.empty()) {
    POSTERN_TRY(options.password, settings::resolve_secret(smtp.password));
  }
  options.timeout_ms = smtp.timeout.count();
  return services::smtp_transport(std::move(options));
}

services::Sender sender(const FirmSettings& firm) {
  const auto& from = firm.notification;
  const auto at = from.from_email.find('@');
  return {from.from_name.empty() ? firm.name : from.from_name, from.from_email,
          from.reply_to.empty() ? firm.contact.email : from.reply_to, from.from_email.substr(at + 1)};
}

services::RetryPolicy retry(const FirmSettings& firm) {
  const auto& from = firm.notification;
  const auto attempt = from.smtp ? from.smtp->timeout.count() : 5 * kSecond;
  return {from.retry_first.count(), from.retry_longest.count(), from.give_up.count(), attempt + 15 * kSecond};
}

/// The firm's colours and logo become assets; the frame names them by path.
Result<services::Branding> branding(const FirmSettings& firm, web::Assets& assets) {
  services::Branding look;
  look.firm = firm.name;
  look.accent = firm.branding.accent;
  look.contact_email = firm.contact.email;
  look.contact_phone = firm.contact.phone;
  look.privacy_url = firm.privacy_url;
  look.language = firm.language;
  look.languages = firm.languages;
  look.time_zone = firm.time_zone;
  if (!firm.branding.logo.empty()) {
    std::ifstream file(firm.branding.logo, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    if (!file) return {Code::invalid, "logo " + firm.branding.logo.string() + " cannot be read"};
    POSTERN_TRY(look.logo, assets.add(firm.branding.logo.filename().string(), content.str()));
  }
  return look;
}

const FirmSettings::Plugin* enabled(const FirmSettings& firm, const std::string& id) {
  for (const auto& plugin : firm.plugins)
    if (plugin.id == id && plugin.enabled) return &plugin;
  return nullptr;
}

}  // namespace

Firm::Firm() = default;
Firm::~Firm() = default;

Result<std::unique_ptr<Firm>> open(const FirmSettings& settings, const Clock& clock) {
  auto build = [&]() -> Result<std::unique_ptr<Firm>> {
    auto firm = std::make_unique<Firm>();
    firm->settings = settings;
    firm->clock = &clock;
    std::filesystem::create_directories(settings.folder);
    std::filesystem::permissions(settings.folder, std::filesystem::perms::owner_all);
    POSTERN_TRY(services::FirmKeys keys, services::FirmKeys::open(settings.keys_folder.string()));
    firm->keys = std::make_unique<services::FirmKeys>(std::move(keys));
    POSTERN_TRY(const std::string url, settings::database_url(settings));
    POSTERN_TRY(
        firm->database,
        db::FirmDatabase::open({url, settings.database.sessions, settings.database.wait.count()}, clock));
    POSTERN_TRY(firm->blobs,
                services::BlobStore::open({settings.blobs.folder.string(), settings.blobs.encrypt,
                                           static_cast<std::int64_t>(settings.blobs.minimum_free)},
                                          firm->keys->documents()));
    firm->documents = std::make_unique<services::Documents>(*firm->blobs, firm->audit);
    firm->links = std::make_unique<services::Links>(
        *firm->keys, firm->audit,
        services::LinkDefaults{settings.links.expires.count(), settings.links.expires_maximum.count(),
                               settings.base_url});
    firm->limiter = std::make_unique<services::WrongTokenLimiter>(settings.links.wrong_tokens_per_minute);
    firm->key_limiter = std::make_unique<services::WrongTokenLimiter>(kWrongKeysPerMinute);
    return firm;
  };
  try {
    auto firm = build();
    if (!firm.ok()) return in_firm(settings, std::move(firm).error());
    return firm;
  } catch (const std::filesystem::filesystem_error& error) {
    return in_firm(settings, {Code::invalid, error.what(), {}});
  }
}

Result<std::vector<Migrated>> migrate(Firm& firm, const std::map<std::string, plugins::Inspection>& plugins) {
  std::vector<Migrated> all;
  const auto run = [&](const std::string& owner, std::string_view text) -> Result<void> {
    POSTERN_TRY(const auto migrations, db::parse_migrations(text, owner + "/schema.sql"));
    POSTERN_TRY(const int applied, db::migrate(*firm.database, owner, migrations, firm.clock->now()));
    all.push_back({owner, applied});
    return {};
  };
  auto all_run = [&]() -> Result<void> {
    POSTERN_CHECK(run("host", web::embedded_file("schema.sql")));
    for (const auto& [id, plugin] : plugins) {
      const auto schema = plugin.files.find("schema.sql");
      if (schema != plugin.files.end() && enabled(firm.settings, id) != nullptr)
        POSTERN_CHECK(run(id, schema->second));
    }
    return {};
  };
  if (auto done = all_run(); !done.ok()) return in_firm(firm.settings, std::move(done).error());
  return all;
}

settings::Problems check_plugins(const FirmSettings& firm,
                                 const std::map<std::string, plugins::Inspection>& plugins) {
  settings::Problems problems;
  for (const auto& wanted : firm.plugins) {
    if (!wanted.enabled) continue;
    const auto found = plugins.find(wanted.id);
    if (found == plugins.end()) {
      problems.push_back(settings::problem_at(wanted.value, "a plugin that stands in the plugin folder",
                                              "set enabled: false, or put " + wanted.id + ".so there",
                                              "no plugin " + wanted.id));
      continue;
    }
    const auto& manifest = found->second.manifest;
    for (const auto& need : manifest.needs) {
      const bool allowed = std::find(wanted.allow.begin(), wanted.allow.end(), need) != wanted.allow.end();
      if (!allowed)
        problems.push_back(
            settings::problem_at(wanted.value["allow"].is_null() ? wanted.value : wanted.value["allow"],
                                 need + " among them, which " + wanted.id + " needs",
                                 "add it, or disable the plugin", "a list without it"));
    }
    auto checked = settings::validate(wanted.settings, manifest.settings);
    problems.insert(problems.end(), checked.problems.begin(), checked.problems.end());
  }
  return problems;
}

Result<void> start_plugins(Firm& firm, const Libraries& libraries, web::Assets& assets, log::Logger& logger) {
  firm.logger = &logger;
  std::map<std::string, plugins::Inspection> inspections;
  for (const auto& [id, library] : libraries) inspections.emplace(id, library->inspection());
  if (const auto problems = check_plugins(firm.settings, inspections); settings::has_errors(problems))
    return {Code::invalid, settings::to_string(problems)};

  POSTERN_TRY(services::Branding look, branding(firm.settings, assets));
  POSTERN_TRY(const std::string brand, assets.add("brand.css", web::brand_css(look.accent)));
  POSTERN_TRY(firm.pages,
              services::Pages::create(web::embedded_files(), std::move(look), [&](std::string_view name) {
                return name == "brand.css" ? brand : assets.path(name);
              }));
  POSTERN_TRY(auto mail, transport(firm.settings));
  firm.outbox =
      std::make_unique<services::Outbox>(*firm.database, *firm.links, *firm.pages, firm.audit, *firm.clock,
                                         sender(firm.settings), std::move(mail), retry(firm.settings));

  for (const auto& wanted : firm.settings.plugins) {
    if (!wanted.enabled) continue;
    const auto& library = libraries.at(wanted.id);
    const auto& manifest = library->manifest();
    POSTERN_CHECK(firm.pages->add_plugin(wanted.id, library->inspection().files));

    // What the plugin gets is what it needs, not all that the firm would allow.
    std::set<std::string, std::less<>> granted(manifest.needs.begin(), manifest.needs.end());
    Firm::LoadedPlugin loaded;
    loaded.services = std::make_unique<ScopedServices>(
        firm, wanted.id, std::move(granted), settings::validate(wanted.settings, manifest.settings).value,
        logger);
    auto instance = plugins::Instance::start(library, *loaded.services, loaded.services->settings());
    if (!instance.ok()) return in_firm(firm.settings, std::move(instance).error());
    loaded.instance = *std::move(instance);
    firm.plugins.emplace(wanted.id, std::move(loaded));
    logger.event(Severity::info, "plugin.started",
                 {{"firm", firm.settings.id}, {"plugin", wanted.id}, {"version", manifest.version}});
  }
  firm.outbox->start();
  return {};
}

Result<int> sweep(Firm& firm) {
  const Timestamp now = firm.clock->now();
  const Timestamp before = firm.database->dialect() == db::Dialect::sqlite ? now : now + -kDay;
  return firm.database->read([&](db::HostTransaction& transaction) {
    return firm.blobs->sweep(
        before, [&](std::string_view blob) { return firm.documents->knows_blob(transaction, blob); });
  });
}

void stop(Firm& firm, std::chrono::milliseconds deadline, log::Logger& logger) {
  for (auto& [id, plugin] : firm.plugins)
    if (!plugin.instance->drain(deadline))
      logger.event(Severity::warning, "plugin.busy", {{"firm", firm.settings.id}, {"plugin", id}});
  if (firm.outbox) firm.outbox->stop();
}

}  // namespace postern::firm
