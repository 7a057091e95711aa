// The Notifier service: messages to people, kept in an outbox within the caller's transaction and sent after
// its commit.
#pragma once

#include <cstdint>
#include <string_view>

#include "postern/clock.hpp"
#include "postern/database.hpp"
#include "postern/links.hpp"

namespace postern {

/// One message to one person. The text comes from the plugin's messages: `<key>.subject`, `<key>.text`,
/// `<key>.button` and `<key>.why` (why the recipient got it), formatted in the recipient's language with
/// `values`.
struct Message {
  std::uint32_t size = sizeof(Message);
  std::uint32_t reserved = 0;
  std::string_view key{};  // e.g. "share.sent"
  Recipient recipient{};   // email must be there
  /// Id of the link the button opens; its token is put in when the message is sent. May be empty.
  std::string_view link{};
  std::string_view values{};        // JSON object of strings and integers for the texts, e.g. {"count": 3}
  std::string_view member_name{};   // on whose behalf; empty: the firm itself
  std::string_view member_email{};  // reply-to; empty: the firm's
  std::string_view quotation{};     // what the member wrote, shown as a quotation; may be empty
  std::string_view reference{};     // the plugin's own id of what this is about, for lists of messages
};

/// Service "notifier/1". [any thread, concurrent]
class Notifier {
 public:
  static constexpr std::string_view kId = "notifier/1";
  /// Queues a message; `id` receives its id. Sent once the transaction is committed, never before.
  virtual Code queue(Transaction& transaction, const Message& message, TextSink& id, ErrorSink& error) = 0;

 protected:
  ~Notifier() = default;
};

}  // namespace postern
