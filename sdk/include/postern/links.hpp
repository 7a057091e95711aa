// The Links service: a link lets one recipient act on one resource of one plugin, without an account.
// A plugin never sees a token: it names links by id, and gets a Grant when the host has proved one.
#pragma once

#include <cstdint>
#include <string_view>

#include "postern/clock.hpp"
#include "postern/database.hpp"
#include "postern/time.hpp"

namespace postern {

/// The person a link is for. Views live for the call.
struct Recipient {
  std::uint32_t size = sizeof(Recipient);
  std::uint32_t reserved = 0;
  std::string_view name{};      // may be empty
  std::string_view email{};     // may be empty when the link is handed over in another way
  std::string_view phone{};     // E.164, may be empty
  std::string_view language{};  // BCP 47, empty: the firm's
};

/// What to issue. Everything but `resource` has a default.
struct LinkSpec {
  std::uint32_t size = sizeof(LinkSpec);
  std::uint32_t maximum_uses = 0;  // 0: any number
  std::string_view resource{};     // the plugin's own id of what the link opens
  Recipient recipient{};
  Timestamp not_before{0};
  Timestamp expires{0};          // 0: the firm's default; never later than the firm's maximum
  std::string_view issued_by{};  // member who asks for it; empty: the plugin itself
};

enum class LinkState : std::int32_t { pending = 0, active = 1, expired = 2, used_up = 3, revoked = 4 };

/// A link as it stands. Views live for the call to the sink.
struct LinkInfo {
  std::uint32_t size = sizeof(LinkInfo);
  LinkState state = LinkState::active;
  std::string_view id;
  std::string_view plugin;
  std::string_view resource;
  Recipient recipient;
  Timestamp issued{0};
  Timestamp not_before{0};
  Timestamp expires{0};
  Timestamp last_used{0};    // 0: never
  Timestamp last_opened{0};  // 0: never
  std::int64_t uses = 0;
  std::int64_t maximum_uses = 0;
  std::string_view issued_by;
};

class LinkSink {
 public:
  virtual void link(const LinkInfo& link) = 0;

 protected:
  ~LinkSink() = default;
};

/// Service "links/1", scoped to the calling plugin: it sees and touches its own links only. [any thread,
/// concurrent]
class Links {
 public:
  static constexpr std::string_view kId = "links/1";
  /// Issues a link; `id` receives its id. Nothing is sent: queue a message for it with the Notifier.
  virtual Code issue(Transaction& transaction, const LinkSpec& spec, TextSink& id, ErrorSink& error) = 0;
  /// Ends a link at once, a running download included. Revoking it again is fine.
  virtual Code revoke(Transaction& transaction, std::string_view id, std::string_view by,
                      ErrorSink& error) = 0;
  /// A new token for the same link; the old one is dead with the commit. Revoked links cannot be reissued.
  virtual Code reissue(Transaction& transaction, std::string_view id, std::string_view by,
                       ErrorSink& error) = 0;
  /// Moves the expiry; an expired link lives again, a revoked one does not.
  virtual Code set_expiry(Transaction& transaction, std::string_view id, Timestamp expires,
                          std::string_view by, ErrorSink& error) = 0;
  /// Counts one use now, atomically against the maximum; Code::gone when there is none left.
  virtual Code use(Transaction& transaction, std::string_view id, ErrorSink& error) = 0;
  virtual Code find(Transaction& transaction, std::string_view id, LinkSink& link, ErrorSink& error) = 0;
  /// All links of a resource, oldest first.
  virtual Code list(Transaction& transaction, std::string_view resource, LinkSink& links,
                    ErrorSink& error) = 0;
  /// The address to give to the recipient, token included. For staff who copy it; never log it.
  virtual Code address(Transaction& transaction, std::string_view id, TextSink& url, ErrorSink& error) = 0;

 protected:
  ~Links() = default;
};

}  // namespace postern
