// Links: tokens that let one recipient act on one resource. Token validation lives here and nowhere else.
//
// Token = base64url(HMAC-SHA-256(link key, "postern link\0" id "\0" generation)), 43 characters. The database
// holds only SHA-256(token), so a stolen database opens nothing, and staff can still copy, resend and
// reissue.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/database/database.hpp"
#include "host/services/audit.hpp"
#include "host/services/keys.hpp"
#include "postern/links.hpp"

namespace postern::services {

/// A link with text of its own.
struct Link {
  std::string id, plugin, resource;
  std::string name, email, phone, language;  // recipient
  std::string issued_by;
  Timestamp issued, not_before, expires, revoked{0}, last_used{0}, last_opened{0};
  std::int64_t uses = 0, maximum_uses = 0;
  int generation = 1;
  std::string key_id;

  LinkState state(Timestamp now) const;
  LinkInfo info(Timestamp now) const;  // views into this object
};

struct LinkDefaults {
  std::int64_t expires_in = 14 * kDay;  // milliseconds
  std::int64_t longest = 90 * kDay;
  std::string base_url;  // "https://links.acme.example", no slash at the end
};

struct NewLink {
  std::string plugin{}, resource{}, name{}, email{}, phone{}, language{}, issued_by{};
  Timestamp not_before{0}, expires{0};
  std::int64_t maximum_uses = 0;
};

struct LinkFilter {
  std::optional<std::string> plugin{}, resource{}, email{};
  std::optional<LinkState> state{};
  std::string after{};  // id; ids are UUIDv7, so this pages by time
  int limit = 100;
};

/// A flag that becomes true when a link is revoked or reissued in this process; running answers poll it.
using Cancelled = std::shared_ptr<const std::atomic<bool>>;

/// [any thread, concurrent]
class Links {
 public:
  Links(const FirmKeys& keys, const Audit& audit, LinkDefaults defaults);
  ~Links();

  Result<Link> issue(db::HostTransaction& transaction, const NewLink& link) const;
  /// Looks a token up. Malformed and unknown tokens cost the same work and give the same Code::not_found. A
  /// link that is there but not active is returned too: ask state(). The comparison is by SHA-256 in the
  /// database's index.
  Result<Link> find_by_token(db::HostTransaction& transaction, std::string_view token) const;
  Result<Link> find(db::HostTransaction& transaction, std::string_view id) const;
  std::vector<Link> list(db::HostTransaction& transaction, const LinkFilter& filter) const;
  /// Atomically one more use; Code::gone when none is left.
  Result<void> use(db::HostTransaction& transaction, std::string_view id) const;
  void opened(db::HostTransaction& transaction, std::string_view id) const;  // remembers last_opened
  Result<void> revoke(db::HostTransaction& transaction, std::string_view id) const;
  Result<void> reissue(db::HostTransaction& transaction, std::string_view id) const;
  Result<void> set_expiry(db::HostTransaction& transaction, std::string_view id, Timestamp expires) const;
  /// The current token of a link; derived, never stored.
  Result<std::string> token(const Link& link) const;
  /// base_url + "/l/" + token.
  Result<std::string> address(const Link& link) const;

  /// For a running answer: set when the link is revoked or reissued in this process, after the commit. Set
  /// from the start when the link was revoked lately, so that an answer may look its link up first and watch
  /// it then.
  Cancelled watch(std::string_view id) const;
  /// Raises the flags of watched links that another process revoked (the command line, another host). Costs
  /// nothing when nothing is watched. [any thread, may block]
  void raise_revoked_elsewhere(db::FirmDatabase& database) const;

 private:
  struct Watches;
  const FirmKeys& keys_;
  const Audit& audit_;
  LinkDefaults defaults_;
  std::unique_ptr<Watches> watches_;
};

/// Slows down guessing: wrong tokens per address (IPv6: per /64), forgotten after a minute. Bounded memory.
/// A right token is never refused. [any thread, concurrent]
class WrongTokenLimiter {
 public:
  explicit WrongTokenLimiter(int per_minute);
  ~WrongTokenLimiter();
  /// True while this address may still guess.
  bool may_guess(std::string_view address, Timestamp now);
  void wrong(std::string_view address, Timestamp now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::services
