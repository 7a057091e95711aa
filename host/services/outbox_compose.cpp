#include "host/services/outbox_compose.hpp"

#include "host/services/json_values.hpp"

namespace postern::services {
namespace {

struct Texts {
  std::string subject, text, button, why;
};

std::string language_of(const Pages& pages, const NewMessage& message) {
  return pages.choose_language(message.language, "");
}

/// What the texts may name beside the plugin's own values. Ours win: nobody can pretend to be another member.
std::string text_values(const Pages& pages, const NewMessage& message, Timestamp expires) {
  const auto& firm = pages.branding().firm;
  return with_fields(message.values,
                     {{"firm", std::string_view(firm)},
                      {"member", std::string_view(message.member_name.empty() ? firm : message.member_name)},
                      {"by", std::string_view(message.member_name.empty() ? "firm" : "member")},
                      {"recipient", std::string_view(message.name)},
                      {"expires", expires == kNever ? std::int64_t{0} : expires.ms}});
}

Result<Texts> draw_texts(const Pages& pages, const NewMessage& message, const std::string& values) {
  const auto language = language_of(pages, message);
  const auto draw = [&](const char* part) {
    return pages.text(message.plugin, language, message.key + part, values);
  };
  Texts texts;
  POSTERN_TRY(texts.subject, draw(".subject"));
  POSTERN_TRY(texts.text, draw(".text"));
  POSTERN_TRY(texts.why, draw(".why"));
  if (!message.link.empty()) {
    POSTERN_TRY(texts.button, draw(".button"));
  }
  // A subject is one line, whatever a title or a name in it holds.
  for (char& c : texts.subject)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return texts;
}

/// "> " in front of every line (RFC 3676 section 4.5).
std::string quotation_lines(std::string_view quotation) {
  std::string lines;
  while (!quotation.empty()) {
    const auto end = quotation.find('\n');
    auto line = quotation.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines += line.empty() ? ">" : "> " + std::string(line);
    quotation.remove_prefix(end == std::string_view::npos ? quotation.size() : end + 1);
    if (!quotation.empty()) lines += '\n';
  }
  return lines;
}

/// "Ana Ruiz via Acme Tax", so that the recipient sees a person they know and the address of the firm behind
/// it.
Result<std::string> sender_name(const Pages& pages, const Sender& sender, const NewMessage& message,
                                const std::string& language) {
  if (message.member_name.empty()) return sender.name;
  const auto values = with_fields(
      "{}", {{"member", std::string_view(message.member_name)}, {"firm", std::string_view(sender.name)}});
  return pages.text("", language, "mail.from", values);
}

}  // namespace

Result<void> check_texts(const Pages& pages, const NewMessage& message, Timestamp expires) {
  auto texts = draw_texts(pages, message, text_values(pages, message, expires));
  if (!texts.ok()) return std::move(texts).error();
  return {};
}

Result<Mail> compose(const Pages& pages, const Sender& sender, const Draft& draft, const DraftLink& link) {
  const auto& message = draft.message;
  const auto language = language_of(pages, message);
  auto values = text_values(pages, message, link.expires);
  POSTERN_TRY(const auto texts, draw_texts(pages, message, values));
  const auto quoted = quotation_lines(message.quotation);
  values = with_fields(values, {{"subject", std::string_view(texts.subject)},
                                {"text", std::string_view(texts.text)},
                                {"button", std::string_view(texts.button)},
                                {"why", std::string_view(texts.why)},
                                {"url", std::string_view(link.address)},
                                {"quotation", std::string_view(message.quotation)},
                                {"quotation_lines", std::string_view(quoted)},
                                {"phone", std::string_view(pages.branding().contact_phone)}});

  mime::Message mail;
  mail.id = draft.id;
  mail.domain = sender.domain;
  mail.date = draft.created;
  POSTERN_TRY(mail.from.name, sender_name(pages, sender, message, language));
  POSTERN_TRY(mail.from.email, mime::envelope_address(sender.email));
  mail.to.name = message.name;
  POSTERN_TRY(mail.to.email, mime::envelope_address(message.email));
  mail.reply_to = message.member_email.empty() ? mime::Mailbox{sender.name, sender.reply_to}
                                               : mime::Mailbox{message.member_name, message.member_email};
  if (!mail.reply_to.email.empty()) {
    POSTERN_TRY(mail.reply_to.email, mime::envelope_address(mail.reply_to.email));
  }
  mail.subject = texts.subject;
  mail.language = language;
  POSTERN_TRY(mail.text, pages.fragment("", "mail.txt", language, values));
  POSTERN_TRY(mail.html, pages.fragment("", "mail.html", language, values));
  POSTERN_TRY(auto content, mime::compose(mail));
  return Mail{draft.id, mime::message_id(draft.id, sender.domain), mail.from.email, mail.to.email,
              std::move(content)};
}

}  // namespace postern::services
