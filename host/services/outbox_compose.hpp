// From a row of the outbox to a message on the wire.
#pragma once

#include <string>

#include "host/services/mime.hpp"
#include "host/services/outbox.hpp"

namespace postern::services {

/// A row of the outbox as it is drawn.
struct Draft {
  std::string id;
  NewMessage message;
  Timestamp created;
};

/// What is known of the message's link when it is sent; all empty without one.
struct DraftLink {
  std::string address;  // holds the token: into the mail, never into a log or a row
  Timestamp expires{0};
};

/// The message's texts, drawn without an address: what is wrong with key or values shows before anything is
/// queued.
Result<void> check_texts(const Pages& pages, const NewMessage& message, Timestamp expires);

/// The whole mail. The same draft gives the same Message-ID and date. [any thread]
Result<Mail> compose(const Pages& pages, const Sender& sender, const Draft& draft, const DraftLink& link);

}  // namespace postern::services
