// The schema of config/firms/<id>.yaml; firm_settings.cpp reads what it describes.
#include "host/settings/firm_settings.hpp"
#include "host/settings/formats.hpp"

namespace postern::settings {

namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

std::optional<Complaint> check_database_url(const Value& value) {
  if (value.is_secret()) return std::nullopt;
  const std::string& url = value.text();
  const Complaint wrong{"sqlite:FILE, postgresql://HOST/DATABASE, file:PATH or env:NAME", {}, {}};
  if (url.starts_with("sqlite:")) return url.size() > 7 ? std::nullopt : std::optional(wrong);
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    Complaint not_shown = wrong;  // it may hold a password in a form of its own
    not_shown.found = "a URL of another kind";
    return not_shown;
  }
  auto authority = url.substr(url.find("://") + 3);
  auto at = authority.find('@');
  bool has_password = (at != std::string::npos && authority.substr(0, at).find(':') != std::string::npos) ||
                      url.find("password=") != std::string::npos;
  if (!has_password) return std::nullopt;
  return Complaint{
      "the whole URL by reference, file:PATH or env:NAME", {}, "a URL with a password written out"};
}

std::optional<Complaint> check_base_url(const Value& value) {
  auto url = split_url(value.text());
  if (!url || url->path.empty() || url->path == "/") return std::nullopt;
  return Complaint{"a URL without a path, such as https://links.example.com", {}, {}};
}

std::optional<Complaint> check_service(const Value& value) {
  if (is_service(value.text())) return std::nullopt;
  return Complaint{"a service with its revision, such as documents/1", {}, {}};
}

std::optional<Complaint> check_plugin_id(std::string_view key) {
  if (is_plugin_id(key)) return std::nullopt;
  return Complaint{"a plugin's id: lower-case letters, digits and dashes, a letter first", {}, {}};
}

Field notification_schema() {
  return map(
      "notification", "How messages reach recipients",
      {map("from", "Who sends",
           {text("name", "Beside the address; the firm's name when absent").between(1, 100),
            email("email", "The sender's address").required()}),
       email("reply_to", "Where answers go; the sender when absent"),
       choice("transport", "Files in a folder, or a mail server", {"mailbox", "smtp"}).by_default("mailbox"),
       map("mailbox", "Every message becomes an .eml file",
           {path("folder", "In the firm's data folder unless absolute").by_default("mailbox")}),
       map("smtp", "The mail server, when transport is smtp",
           {host_name("host", "Its name").required().example("smtp.example.com"),
            integer("port", "587 for starttls, 465 for tls").between(1, 65535).by_default("587"),
            choice("security", "How the connection is secured", {"starttls", "tls", "none"})
                .by_default("starttls"),
            text("user", "To sign in with").between(1, 200).example("postern"),
            secret("password", "Of that user").example("file:secrets/smtp-password"),
            duration("timeout", "For one message").between(kSecond, 10 * kMinute).by_default("30s")})
           .optional(),
       map("retry", "When the mail server says no for now",
           {duration("first", "Wait before the second attempt, doubled each time")
                .between(kSecond, kHour)
                .by_default("10s"),
            duration("longest", "Longest wait between two attempts").between(kSecond, kDay).by_default("1h"),
            duration("give_up", "Time after which a message has failed")
                .between(kMinute, 30 * kDay)
                .by_default("3d")})});
}

Field plugins_schema() {
  return map_of("plugins", "What recipients can do here, and what each plugin may use", "id",
                map("", "",
                    {boolean("enabled", "Whether it runs in this firm").by_default("true"),
                     list("allow", "Services that it may use; at least all that its manifest needs",
                          text().checked_by(check_service))
                         .at_most(50)
                         .by_default("[]"),
                     any("settings", "Its own settings, as its README lists them").by_default("{}")}))
      .keys_checked_by(check_plugin_id)
      .at_most(100)
      .by_default("{}");
}

}  // namespace

Schema firm_schema() {
  return Schema{{
      text("name", "What recipients read on every page").required().between(1, 100).example("Acme Tax"),
      text("legal_name", "For receipts and imprints; the name when absent")
          .between(1, 200)
          .example("Acme Tax S.L."),
      list("hosts", "Host names that are this firm's", host_name()).required().between(1, 50),
      url("base_url", "What links begin with: one of the hosts, with scheme and port")
          .required()
          .checked_by(check_base_url)
          .example("https://links.example.com"),
      map("contact", "Whom recipients ask",
          {email("email", "Stands on every page").required(),
           text("phone", "In quotes").between(3, 40).example("\"+34 600 000 000\""),
           text("address", "Postal address, for imprints").between(1, 300).example("1 Main Street, Madrid")}),
      url("privacy_url", "The firm's privacy notice").example("https://example.com/privacy"),
      map("branding", "The firm's looks",
          {path("logo", "SVG or PNG, relative to this file").example("logo.svg"),
           colour("accent", "Of buttons and links; darkened when white text on it would be hard to read")
               .by_default("\"#1a5fb4\"")}),
      language("language", "Of pages and messages when the recipient has no other").by_default("en"),
      list("languages", "That recipients may choose; the language above when absent", language())
          .between(1, 50),
      time_zone("time_zone", "Of dates in pages and messages").by_default("UTC"),
      map("database", "The firm's own",
          {text("url",
                "sqlite:FILE in the firm's data folder, or postgresql://HOST/DATABASE; with a password by "
                "file:PATH or env:NAME")
               .or_secret()
               .checked_by(check_database_url)
               .by_default("\"sqlite:firm.db\""),
           integer("sessions", "Most at once").between(1, 64).by_default("8"),
           duration("wait", "Longest wait for a session").between(100, kMinute).by_default("5s")}),
      map("blobs", "Contents of documents",
          {path("folder", "In the firm's data folder unless absolute").by_default("blobs"),
           boolean("encrypt", "AES-256-GCM at rest, under the firm's key").by_default("true"),
           size("minimum_free", "Nothing is taken when the disk has less").by_default("1 GiB")}),
      map("keys", "The firm's keys; keep a copy elsewhere",
          {path("folder", "In the firm's data folder unless absolute").by_default("keys")}),
      notification_schema(),
      map("links", "What holds for every link",
          {duration("expires", "When nothing else is chosen").between(kMinute, 3650 * kDay).by_default("30d"),
           duration("expires_maximum", "The longest that can be chosen")
               .between(kMinute, 3650 * kDay)
               .by_default("365d"),
           integer("wrong_tokens_per_minute", "Wrong links that one address may try")
               .between(1, 10'000)
               .by_default("20")}),
      plugins_schema(),
  }};
}

}  // namespace postern::settings
