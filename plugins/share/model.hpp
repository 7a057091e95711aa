// What a share is made of. Plain values, used by every file of the plugin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "postern/time.hpp"

namespace postern::share {

/// A document as it was shared: the version is pinned, the rest is what it was then.
struct SharedDocument {
  std::string id;
  std::uint32_t version = 1;
  std::string name, type;
  std::int64_t bytes = 0;
};

/// Somebody who got a link. The link's id names the recipient within the share.
struct SharedWith {
  std::string link;
  std::string name, email;
  std::string message;  // id of the message queued last; empty: none was
  Timestamp notified;   // when that was; 0: never
};

struct Share {
  std::string id;
  std::string title, message;               // may be empty
  std::string from_name, from_email;        // on whose behalf; both empty: the firm itself
  std::string created_by, created_by_name;  // member or program
  Timestamp created, revoked;               // revoked 0: it is not
  std::vector<SharedDocument> documents;
  std::vector<SharedWith> recipients;
};

/// The firm's settings for this plugin.
struct Limits {
  std::int64_t expires = 30 * kDay;           // milliseconds
  std::int64_t expires_maximum = 365 * kDay;  // milliseconds
  std::size_t documents = 100;
  std::size_t recipients = 200;
  std::size_t message = 2000;  // characters
  bool notify = true;
};

}  // namespace postern::share
