#include "host/settings/firm_settings.hpp"

#include <algorithm>
#include <cstdio>

#include "host/settings/colour.hpp"
#include "host/settings/formats.hpp"
#include "host/settings/secret.hpp"

namespace postern::settings {

namespace {

namespace fs = std::filesystem;

std::chrono::milliseconds milliseconds(const Value& value) {
  return std::chrono::milliseconds(value.integer());
}

fs::path absolute(const fs::path& folder, const std::string& path) {
  return path.empty() ? fs::path() : fs::absolute(folder / path).lexically_normal();
}

/// What no single key can say.
class Together {
 public:
  Together(const Value& value, Problems& problems) : value_(value), problems_(problems) {}

  void check() {
    base_url();
    languages();
    notification();
    links();
    accent();
  }

 private:
  void add(const Value& at, std::string wanted, std::string hint = {}, std::string found = {}) {
    problems_.push_back(problem_at(at, std::move(wanted), std::move(hint), std::move(found)));
  }
  void warn(const Value& at, std::string found, std::string wanted, std::string hint) {
    add(at, std::move(wanted), std::move(hint), std::move(found));
    problems_.back().severity = Severity::warning;
  }

  void base_url() {
    auto url = split_url(value_["base_url"].text());
    if (!url) return;
    const auto hosts = value_["hosts"];
    bool ours = std::any_of(hosts.list().begin(), hosts.list().end(),
                            [&](const Value& host) { return host.text() == url->host; });
    if (!ours) add(value_["base_url"], "a URL with one of hosts, or links would lead nowhere");
    if (url->scheme == "http" && !is_loopback(url->host)) {
      warn(value_["base_url"], in_quotes(value_["base_url"].text()), "an https URL",
           "a link over http can be read on its way");
    }
  }

  void languages() {
    const auto languages = value_["languages"];
    if (languages.is_null()) return;
    const auto& chosen = value_["language"].text();
    bool listed = std::any_of(languages.list().begin(), languages.list().end(),
                              [&](const Value& entry) { return entry.text() == chosen; });
    if (!listed) add(value_["language"], "one of languages");
  }

  void notification() {
    const auto notification = value_["notification"];
    const auto smtp = notification["smtp"];
    if (notification["transport"].text() == "smtp" && smtp.is_null()) {
      add(notification["transport"], "notification.smtp beside it, with host, user and password");
    }
    if (smtp.is_null()) return;
    if (smtp.has("user") != smtp.has("password")) {
      bool lacks_user = !smtp.has("user");
      add(lacks_user ? smtp["password"] : smtp["user"], lacks_user ? "user beside it" : "password beside it",
          {}, lacks_user ? "a password without a user" : "a user without a password");
    }
    if (smtp["security"].text() == "none" && smtp.has("password") && !is_loopback(smtp["host"].text())) {
      add(smtp["security"], "starttls or tls", "a password would cross the network in the open");
    }
    const auto retry = notification["retry"];
    if (retry["first"].integer() > retry["longest"].integer()) {
      add(retry["first"], "at most longest, " + format_duration(retry["longest"].integer()), {},
          format_duration(retry["first"].integer()));
    }
  }

  void links() {
    const auto expires = value_["links"]["expires"], most = value_["links"]["expires_maximum"];
    if (expires.integer() <= most.integer()) return;
    add(expires, "at most expires_maximum, " + format_duration(most.integer()), {},
        format_duration(expires.integer()));
  }

  void accent() {
    const auto accent = value_["branding"]["accent"];
    double contrast = contrast_with_white(accent.text());
    if (contrast >= kLeastContrast) return;
    char ratio[16];
    std::snprintf(ratio, sizeof ratio, "%.1f", contrast);
    warn(accent, in_quotes(accent.text()) + ", a contrast of " + ratio + ":1 with white text",
         "at least 4.5:1", "pages use " + in_quotes(darken_for_white_text(accent.text())) + " instead");
  }

  const Value& value_;
  Problems& problems_;
};

FirmSettings::Smtp read_smtp(const Value& value) {
  using Security = FirmSettings::Security;
  FirmSettings::Smtp smtp;
  smtp.host = value["host"].text();
  smtp.port = static_cast<std::uint16_t>(value["port"].integer());
  const auto& security = value["security"].text();
  smtp.security = security == "tls"    ? Security::tls
                  : security == "none" ? Security::none
                                       : Security::starttls;
  smtp.user = value["user"].text();
  smtp.password = value["password"];
  smtp.timeout = milliseconds(value["timeout"]);
  return smtp;
}

void read_notification(const Value& value, FirmSettings& firm) {
  auto& out = firm.notification;
  out.from_name = value["from"].has("name") ? value["from"]["name"].text() : firm.name;
  out.from_email = value["from"]["email"].text();
  out.reply_to = value["reply_to"].text();
  bool smtp = value["transport"].text() == "smtp";
  out.transport = smtp ? FirmSettings::Transport::smtp : FirmSettings::Transport::mailbox;
  out.mailbox = absolute(firm.folder, value["mailbox"]["folder"].text());
  if (!value["smtp"].is_null()) out.smtp = read_smtp(value["smtp"]);
  out.retry_first = milliseconds(value["retry"]["first"]);
  out.retry_longest = milliseconds(value["retry"]["longest"]);
  out.give_up = milliseconds(value["retry"]["give_up"]);
}

void read_plugins(const Value& value, FirmSettings& firm) {
  for (const auto& [id, entry] : value.map()) {
    FirmSettings::Plugin plugin;
    plugin.id = id;
    plugin.enabled = entry["enabled"].boolean();
    for (const auto& service : entry["allow"].list()) plugin.allow.push_back(service.text());
    plugin.settings = entry["settings"];
    plugin.value = entry;
    firm.plugins.push_back(std::move(plugin));
  }
}

void read_identity(const Value& value, const fs::path& yaml_folder, FirmSettings& firm) {
  firm.name = value["name"].text();
  firm.legal_name = value.has("legal_name") ? value["legal_name"].text() : firm.name;
  for (const auto& host : value["hosts"].list()) firm.hosts.push_back(host.text());
  firm.base_url = value["base_url"].text();
  if (firm.base_url.ends_with('/')) firm.base_url.pop_back();
  const auto contact = value["contact"];
  firm.contact = {contact["email"].text(), contact["phone"].text(), contact["address"].text()};
  firm.privacy_url = value["privacy_url"].text();
  firm.branding.logo = absolute(yaml_folder, value["branding"]["logo"].text());
  firm.branding.accent = darken_for_white_text(value["branding"]["accent"].text());
  firm.language = value["language"].text();
  firm.languages.push_back(firm.language);
  for (const auto& entry : value["languages"].list()) {
    bool known =
        std::find(firm.languages.begin(), firm.languages.end(), entry.text()) != firm.languages.end();
    if (!known) firm.languages.push_back(entry.text());
  }
  firm.time_zone = value["time_zone"].text();
}

FirmRead read(Loaded loaded, const fs::path& file, const fs::path& data_folder) {
  FirmRead out;
  out.problems = std::move(loaded.problems);
  FirmSettings& firm = out.settings;
  firm.id = file.stem().string();
  firm.value = loaded.value;
  if (!is_firm_id(firm.id)) {
    out.problems.push_back(
        {file.string(),
         0,
         0,
         {},
         "the firm id " + in_quotes(firm.id),
         "a file name of lower-case letters, digits and dashes, a letter first, at most 40",
         {}});
  }
  if (!out.ok()) return out;
  const Value& value = firm.value;
  Together(value, out.problems).check();
  if (!out.ok()) return out;
  firm.folder = absolute(data_folder, firm.id);
  read_identity(value, fs::absolute(file).parent_path(), firm);
  firm.database = {value["database"]["url"], static_cast<unsigned>(value["database"]["sessions"].integer()),
                   milliseconds(value["database"]["wait"])};
  firm.blobs = {absolute(firm.folder, value["blobs"]["folder"].text()), value["blobs"]["encrypt"].boolean(),
                static_cast<std::uint64_t>(value["blobs"]["minimum_free"].integer())};
  firm.keys_folder = absolute(firm.folder, value["keys"]["folder"].text());
  const auto links = value["links"];
  firm.links = {milliseconds(links["expires"]), milliseconds(links["expires_maximum"]),
                static_cast<int>(links["wrong_tokens_per_minute"].integer())};
  read_notification(value["notification"], firm);
  read_plugins(value["plugins"], firm);
  return out;
}

}  // namespace

FirmRead read_firm_settings(const std::string& path, const fs::path& data_folder) {
  return read(load_file(path, firm_schema()), path, data_folder);
}

FirmRead firm_settings_from(std::string_view text, const std::string& file, const fs::path& data_folder) {
  return read(load_text(text, file, firm_schema()), file, data_folder);
}

}  // namespace postern::settings
