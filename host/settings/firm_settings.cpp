#include "host/settings/firm_settings.hpp"

#include <algorithm>

#include "host/settings/colour.hpp"
#include "host/settings/firm_checks.hpp"
#include "host/settings/formats.hpp"
#include "host/settings/paths.hpp"

namespace postern::settings {

namespace {

namespace fs = std::filesystem;

std::chrono::milliseconds milliseconds(const Value& value) {
  return std::chrono::milliseconds(value.integer());
}

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
  out.mailbox = absolute_path(firm.folder, value["mailbox"]["folder"].text());
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
  firm.branding.logo = absolute_path(yaml_folder, value["branding"]["logo"].text());
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
  const Value& value = firm.value;
  if (loaded.complete) check_firm_together(value, out.problems);
  if (!out.ok()) return out;
  firm.folder = absolute_path(data_folder, firm.id);
  read_identity(value, fs::absolute(file).parent_path(), firm);
  firm.database = {value["database"]["url"], static_cast<unsigned>(value["database"]["sessions"].integer()),
                   milliseconds(value["database"]["wait"])};
  firm.blobs = {absolute_path(firm.folder, value["blobs"]["folder"].text()),
                value["blobs"]["encrypt"].boolean(),
                static_cast<std::uint64_t>(value["blobs"]["minimum_free"].integer())};
  firm.keys_folder = absolute_path(firm.folder, value["keys"]["folder"].text());
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
