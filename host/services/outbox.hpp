// The outbox: messages queued in the caller's transaction, sent after its commit, each at most once
// acknowledged twice: every attempt of a message carries the same Message-ID, and the mailbox transport
// writes one file per message.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/database/database.hpp"
#include "host/services/audit.hpp"
#include "host/services/links.hpp"
#include "host/services/pages.hpp"

namespace postern::services {

/// A composed message, ready for a transport. RFC 5322.
struct Mail {
  std::string id;          // of the outbox row
  std::string message_id;  // "<id@domain>"
  std::string from;        // bare address for the envelope
  std::string to;          // bare address
  std::string content;     // the whole message, CRLF line ends
};

/// What a transport says of one attempt.
enum class Delivered : std::uint8_t { yes, later, never };
struct Attempt {
  Delivered delivered = Delivered::yes;
  std::string reason;  // for staff: the server's words, without addresses of third parties
};

class MailTransport {
 public:
  virtual ~MailTransport() = default;
  virtual Attempt send(const Mail& mail) = 0;  // [outbox thread, may block]
};

/// Writes `<folder>/<id>.eml`, atomically; the same message twice is the same file.
std::unique_ptr<MailTransport> mailbox_transport(std::string folder);

struct SmtpOptions {
  enum class Security : std::uint8_t { none, starttls, tls };
  std::string host;
  std::uint16_t port = 587;
  Security security = Security::starttls;
  std::string user;
  std::string password;
  std::string ca_file;  // empty: the system's
  std::int64_t timeout_ms = 30'000;
};
/// SMTP through libcurl. 4xx and network trouble: later; 5xx: never.
std::unique_ptr<MailTransport> smtp_transport(SmtpOptions options);

struct Sender {
  std::string name;      // of the firm
  std::string email;     // From:
  std::string reply_to;  // when the message names no member
  std::string domain;    // of Message-ID
};

/// When an attempt is made again, and how long a claimed message is nobody else's.
struct RetryPolicy {
  std::int64_t first = 1 * kMinute;  // wait before the second attempt, doubled each time
  std::int64_t longest = 4 * kHour;  // wait between two attempts
  std::int64_t give_up = 3 * kDay;   // after this long a message that could not be sent has failed
  std::int64_t lease = 5 * kMinute;  // covers the longest attempt; after a crash another host goes on then
};

struct NewMessage {
  std::string plugin, key, reference, link;
  std::string name, email, language;
  std::string values = "{}";
  std::string member_name, member_email, quotation;
};

struct OutboxMessage {
  std::string id, plugin, key, reference, link, name, email;
  std::string state;  // "waiting", "sent", "failed"
  std::int64_t attempts = 0;
  std::string reason;  // of the last failed attempt
  Timestamp created, next_attempt, sent{0};
};

/// One firm's outbox and its worker thread.
class Outbox {
 public:
  /// All references outlive the outbox.
  Outbox(db::FirmDatabase& database, const Links& links, const Pages& pages, const Audit& audit,
         const Clock& clock, Sender sender, std::unique_ptr<MailTransport> transport, RetryPolicy retry = {});
  ~Outbox();  // stops

  /// Queues; the worker wakes after the commit. Code::invalid when there is no address. [any thread]
  Result<std::string> queue(db::HostTransaction& transaction, const NewMessage& message);
  /// Those about `reference`, or all when it is empty, by id.
  std::vector<OutboxMessage> list(db::HostTransaction& transaction, std::string_view reference,
                                  const std::string& after, int limit) const;

  /// Starts the worker. On SQLite, where no other host can be at work, it first takes back what a crashed
  /// process had claimed. [main thread, once]
  void start();
  void stop();  // the attempt under way ends first
  /// One round: claims what is due, sends it, records it. Returns how many were tried. For tests and the
  /// worker.
  int work_once();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::services
