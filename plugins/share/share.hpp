// The plugin share: its routes, and what they work with. staff.cpp and recipient.cpp hold the two doors.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "input.hpp"
#include "model.hpp"
#include "postern/comfort.hpp"
#include "store.hpp"

namespace postern::share {

/// One firm's instance. Nothing changes after setup(). [any thread, concurrent]
class SharePlugin final : public Action<SharePlugin> {
 public:
  static constexpr auto routes() {
    return std::array{
        on("page", &SharePlugin::page),
        on("download", &SharePlugin::download),
        on("view", &SharePlugin::view),
        on("create", &SharePlugin::create),
        on("list", &SharePlugin::list),
        on("get", &SharePlugin::get),
        on("events", &SharePlugin::events),
        on("revoke", &SharePlugin::revoke),
        on("add_recipients", &SharePlugin::add_recipients),
        on("revoke_recipient", &SharePlugin::revoke_recipient),
        on("resend", &SharePlugin::resend),
        on("reissue", &SharePlugin::reissue),
        on("set_expiry", &SharePlugin::set_expiry),
    };
  }

  Result<void> setup(Services& services, const Settings& settings) override;

  // Recipients.
  Result<void> page(RecipientContext& c);
  Result<void> download(RecipientContext& c);
  Result<void> view(RecipientContext& c);

  // Staff. What is wrong with a request is answered with all of it; nothing is kept then.
  Result<void> create(StaffContext& c);
  Result<void> list(StaffContext& c);
  Result<void> get(StaffContext& c);
  Result<void> events(StaffContext& c);
  Result<void> revoke(StaffContext& c);
  Result<void> add_recipients(StaffContext& c);
  Result<void> revoke_recipient(StaffContext& c);
  Result<void> resend(StaffContext& c);
  Result<void> reissue(StaffContext& c);
  Result<void> set_expiry(StaffContext& c);

 private:
  /// The documents as they are now, their versions pinned; those nobody knows are noted in `errors`.
  Result<std::vector<SharedDocument>> pin(Tx tx, const std::vector<std::string>& ids,
                                          std::vector<FieldError>& errors) const;
  /// A link for each, and its message when `notify`.
  Result<void> invite(StaffContext& c, const Share& share, const std::vector<NewRecipient>& recipients,
                      bool notify) const;
  Result<void> send(StaffContext& c, const Share& share, const OwnedLink& link) const;

  struct Chosen {
    Share share;
    OwnedLink link;
    SharedWith with;
  };
  /// The share and the one recipient of it that the path names. Code::not_found for those of other shares.
  Result<Chosen> chosen(StaffContext& c) const;

  Result<RecipientView> recipient_view(StaffContext& c, const OwnedLink& link, const SharedWith& with) const;
  Result<void> answer_share(StaffContext& c, const Share& share, int status) const;
  Result<void> answer_recipient(StaffContext& c) const;

  Result<void> deliver(RecipientContext& c, Disposition disposition) const;

  Use<Links> links_;
  Use<Documents> documents_;
  Use<Notifier> notifier_;
  Use<Audit> audit_;
  Use<Random> random_;
  Limits limits_;
};

}  // namespace postern::share
