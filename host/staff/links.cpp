// Operations on links. Issuing one is a plugin's work: only it knows what the link opens.
#include "host/staff/json_fields.hpp"
#include "host/staff/list.hpp"
#include "host/staff/operations.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStates = "pending active expired used-up revoked";  // in the order of LinkState

std::string_view name(LinkState state) {
  switch (state) {
    case LinkState::pending:
      return "pending";
    case LinkState::active:
      return "active";
    case LinkState::expired:
      return "expired";
    case LinkState::used_up:
      return "used-up";
    case LinkState::revoked:
      return "revoked";
  }
  return "revoked";
}

Json to_json(const services::Link& link, Timestamp now) {
  return {{"id", link.id},
          {"plugin", link.plugin},
          {"resource", link.resource},
          {"state", name(link.state(now))},
          {"recipient",
           {{"name", link.name},
            {"email", text_or_null(link.email)},
            {"phone", text_or_null(link.phone)},
            {"language", text_or_null(link.language)}}},
          {"issued_by", link.issued_by},
          {"issued", time_json(link.issued)},
          {"not_before", time_json(link.not_before)},
          {"expires", time_json(link.expires)},
          {"revoked", time_json(link.revoked)},
          {"last_opened", time_json(link.last_opened)},
          {"last_used", time_json(link.last_used)},
          {"uses", link.uses},
          {"maximum_uses", link.maximum_uses == 0 ? Json(nullptr) : Json(link.maximum_uses)}};
}

Answer answer_link(Call& call, const std::string& id) {
  const auto link = call.firm.links->find(call.transaction, id);
  return link.ok() ? json_answer(to_json(*link, call.transaction.now)) : missing_or(link.error());
}

/// After a change: the link as it stands now, or why it was not changed.
Answer changed(Call& call, const Result<void>& done) {
  return done.ok() ? answer_link(call, call.id("link")) : missing_or(done.error());
}

/// These operations take no fields; a body with some is a misunderstanding.
std::optional<Answer> refuse_fields(Call& call) { return JsonFields(call.json).refusal(); }

}  // namespace

Answer list_links(Call& call) {
  services::LinkFilter filter;
  const auto paging = call.query.paging();
  filter.plugin = call.query.text("plugin");
  filter.resource = call.query.text("resource");
  filter.email = call.query.text("email");
  if (const auto state = call.query.choice("state", kStates)) filter.state = static_cast<LinkState>(*state);
  if (auto refused = call.query.refusal()) return *std::move(refused);
  filter.after = paging.after;
  filter.limit = paging.limit + 1;
  const Timestamp now = call.transaction.now;
  return paged(call, call.firm.links->list(call.transaction, filter), paging.limit,
               [now](const auto& link) { return to_json(link, now); });
}

Answer get_link(Call& call) { return answer_link(call, call.id("link")); }

Answer get_link_address(Call& call) {
  const auto link = call.firm.links->find(call.transaction, call.id("link"));
  if (!link.ok()) return missing_or(link.error());
  if (link->revoked.ms != 0) return {Code::gone, "The link was revoked; issue a new one."};
  POSTERN_TRY(const std::string address, call.firm.links->address(*link));
  return json_answer({{"url", address}});
}

Answer revoke_link(Call& call) {
  if (auto refused = refuse_fields(call)) return *std::move(refused);
  return changed(call, call.firm.links->revoke(call.transaction, call.id("link")));
}

Answer reissue_link(Call& call) {
  if (auto refused = refuse_fields(call)) return *std::move(refused);
  return changed(call, call.firm.links->reissue(call.transaction, call.id("link")));
}

Answer set_link_expiry(Call& call) {
  JsonFields fields(call.json);
  const Timestamp expires = fields.time("expires");
  if (auto refused = fields.refusal()) return *std::move(refused);
  return changed(call, call.firm.links->set_expiry(call.transaction, call.id("link"), expires));
}

}  // namespace postern::staff
