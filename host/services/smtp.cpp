// The SMTP transport, through libcurl (RFC 5321, 3207, 4954). The only file that knows libcurl.
#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "host/services/outbox.hpp"

namespace postern::services {
namespace {

constexpr std::size_t kLongestReason = 300;

struct CurlCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, CurlCleanup>;
using List = std::unique_ptr<curl_slist, CurlCleanup>;

/// libcurl takes its options as varargs; a refused option is a bug here.
template <class T>
void set(const Curl& curl, CURLoption option, T value) {
  if (const auto outcome = curl_easy_setopt(curl.get(), option, value); outcome != CURLE_OK)
    throw std::logic_error(std::string("libcurl refused an option: ") + curl_easy_strerror(outcome));
}

/// What is still to be read of the message, what the server refused last, and whether the message was spoken
/// of by then.
struct Conversation {
  std::string_view rest;
  std::string refusal;  // the whole line, "550 5.1.1 no such mailbox"
  bool began = false;   // MAIL FROM was sent: what the server refuses now is this message, not us
};

std::size_t give(char* room, std::size_t size, std::size_t count, void* user) {
  auto& conversation = *static_cast<Conversation*>(user);
  const auto taken = std::min(size * count, conversation.rest.size());
  std::memcpy(room, conversation.rest.data(), taken);
  conversation.rest.remove_prefix(taken);
  return taken;
}

/// libcurl hands each line of the server's to the header function.
std::size_t hear(char* line, std::size_t size, std::size_t count, void* user) {
  auto& conversation = *static_cast<Conversation*>(user);
  std::string_view text(line, size * count);
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  // A goodbye (221) comes after the refusal and does not replace it.
  if (text.size() >= 3 && (text[0] == '4' || text[0] == '5'))
    conversation.refusal.assign(text.substr(0, kLongestReason));
  return size * count;
}

/// Of what is sent only the first word is looked at and nothing is kept: it may hold the password.
int watch(CURL*, curl_infotype kind, char* data, std::size_t size, void* user) {
  if (kind == CURLINFO_HEADER_OUT && std::string_view(data, size).starts_with("MAIL FROM"))
    static_cast<Conversation*>(user)->began = true;
  return 0;
}

/// The server's words for staff: printable, and without any address, which may be a third party's.
std::string without_addresses(std::string_view text) {
  std::string out;
  std::size_t word = 0;
  bool address = false;
  const auto end_word = [&] {
    if (address) out.resize(word), out += "(address)";
    address = false;
  };
  for (const char c : text) {
    if (c == ' ' || c == '<' || c == '>' || c == ',' || c == ';') {
      end_word();
      out += c;
      word = out.size();
    } else {
      address = address || c == '@';
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
  }
  end_word();
  return out;
}

/// libcurl's own words, for what is not the server's answer.
std::string trouble(CURLcode outcome, const SmtpOptions& options) {
  const auto server = "the mail server " + options.host + ":" + std::to_string(options.port);
  switch (outcome) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return server + " has no address in DNS";
    case CURLE_COULDNT_CONNECT:
      return server + " does not answer";
    case CURLE_OPERATION_TIMEDOUT:
      return server + " was too slow";
    case CURLE_USE_SSL_FAILED:
      return server + " does not offer STARTTLS, which the settings require; nothing was sent";
    case CURLE_PEER_FAILED_VERIFICATION:
      return server + " showed a certificate that is not trusted; nothing was sent";
    case CURLE_SSL_CONNECT_ERROR:
      return server + " could not agree on TLS";
    case CURLE_SSL_CACERT_BADFILE:
      return "the CA file for " + server + " cannot be read";
    case CURLE_LOGIN_DENIED:
      return server + " refused the user name or password";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return server + " cut the connection";
    default:
      return server + ": " + curl_easy_strerror(outcome);
  }
}

class SmtpTransport final : public MailTransport {
 public:
  explicit SmtpTransport(SmtpOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  Attempt send(const Mail& mail) override {
    const Curl curl(curl_easy_init());
    if (!curl) throw std::runtime_error("libcurl could not start");
    const List recipients(curl_slist_append(nullptr, ("<" + mail.to + ">").c_str()));
    Conversation conversation{mail.content, {}, false};
    prepare(curl, mail, recipients, conversation);
    const auto outcome = curl_easy_perform(curl.get());
    if (outcome == CURLE_OK) return {};
    return judge(outcome, conversation);
  }

 private:
  void prepare(const Curl& curl, const Mail& mail, const List& recipients, Conversation& conversation) const {
    const bool tls = options_.security == SmtpOptions::Security::tls;
    // The path is the name in EHLO: ours, as it stands in the Message-ID.
    const auto at = mail.from.rfind('@');
    const auto name = at == std::string::npos ? std::string("localhost") : mail.from.substr(at + 1);
    const auto host =
        options_.host.find(':') == std::string::npos ? options_.host : "[" + options_.host + "]";
    const auto url =
        std::string(tls ? "smtps" : "smtp") + "://" + host + ":" + std::to_string(options_.port) + "/" + name;
    set(curl, CURLOPT_URL, url.c_str());
    set(curl, CURLOPT_PROTOCOLS_STR, tls ? "smtps" : "smtp");
    set(curl, CURLOPT_PROXY, "");  // nothing of the environment decides where mail goes
    set(curl, CURLOPT_USE_SSL,
        static_cast<long>(options_.security == SmtpOptions::Security::none ? CURLUSESSL_NONE
                                                                           : CURLUSESSL_ALL));
    set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) set(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (!options_.user.empty()) {
      set(curl, CURLOPT_USERNAME, options_.user.c_str());
      set(curl, CURLOPT_PASSWORD, options_.password.c_str());
    }
    set(curl, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    set(curl, CURLOPT_MAIL_RCPT, recipients.get());
    set(curl, CURLOPT_UPLOAD, 1L);
    set(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.content.size()));
    set(curl, CURLOPT_READFUNCTION, &give);
    set(curl, CURLOPT_READDATA, static_cast<void*>(&conversation));
    set(curl, CURLOPT_HEADERFUNCTION, &hear);
    set(curl, CURLOPT_HEADERDATA, static_cast<void*>(&conversation));
    set(curl, CURLOPT_VERBOSE, 1L);
    set(curl, CURLOPT_DEBUGFUNCTION, &watch);
    set(curl, CURLOPT_DEBUGDATA, static_cast<void*>(&conversation));
    set(curl, CURLOPT_NOSIGNAL, 1L);
    set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout_ms));
    set(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
        static_cast<long>(std::max<std::int64_t>(1, options_.timeout_ms / 1000)));
    set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(2 * options_.timeout_ms));
  }

  /// 5xx to a command about this message: never. Everything else may be over in a while: a 4xx, the network,
  /// and a login or TLS that staff can mend.
  Attempt judge(CURLcode outcome, const Conversation& conversation) const {
    switch (outcome) {
      case CURLE_LOGIN_DENIED:
      case CURLE_USE_SSL_FAILED:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_CONNECT:
      case CURLE_OPERATION_TIMEDOUT:
        return {Delivered::later, trouble(outcome, options_)};
      default:
        break;
    }
    if (conversation.refusal.empty()) return {Delivered::later, trouble(outcome, options_)};
    const auto code = conversation.refusal.substr(0, 3);
    // A server that wants TLS or a login first (RFC 4954 section 6) refuses our settings, not the message.
    const bool about_us =
        !conversation.began || code == "530" || code == "534" || code == "535" || code == "538";
    const auto words = without_addresses(conversation.refusal);
    if (about_us)
      return {Delivered::later, "the mail server " + options_.host + " does not take us: " + words};
    return {code[0] == '5' ? Delivered::never : Delivered::later, words};
  }

  SmtpOptions options_;
};

}  // namespace

std::unique_ptr<MailTransport> smtp_transport(SmtpOptions options) {
  return std::make_unique<SmtpTransport>(std::move(options));
}

}  // namespace postern::services
