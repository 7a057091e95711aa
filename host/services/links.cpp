#include "host/services/links.hpp"

#include <algorithm>
#include <array>

#include "host/services/id.hpp"
#include "host/services/json_values.hpp"
#include "host/services/links_rules.hpp"
#include "host/services/links_watches.hpp"

namespace postern::services {
namespace {

constexpr std::size_t kTokenLength = 43;  // base64url of 32 bytes

// In the order in which link_of() reads them.
constexpr std::string_view kColumns =
    "id, plugin, resource, recipient_name, recipient_email, recipient_phone, recipient_language, issued_by, "
    "issued_at, "
    "not_before, expires_at, revoked_at, last_used_at, last_opened_at, uses, maximum_uses, generation, "
    "key_id";

Link link_of(const db::Row& row) {
  Link link;
  link.id = row[0].text();
  link.plugin = row[1].text();
  link.resource = row[2].text();
  link.name = row[3].text();
  link.email = row[4].text();
  link.phone = row[5].text();
  link.language = row[6].text();
  link.issued_by = row[7].text();
  link.issued = {row[8].integer()};
  link.not_before = {row[9].integer()};
  link.expires = {row[10].integer()};
  link.revoked = {row[11].integer()};
  link.last_used = {row[12].integer()};
  link.last_opened = {row[13].integer()};
  link.uses = row[14].integer();
  link.maximum_uses = row[15].integer();
  link.generation = static_cast<int>(row[16].integer());
  link.key_id = row[17].text();
  return link;
}

/// house.md, Data: base64url(HMAC-SHA-256(link key, "postern link\0" id "\0" generation)).
std::string derive(const crypto::Key& key, std::string_view id, int generation) {
  constexpr std::string_view kPurpose("postern link\0", 13);
  std::string text(kPurpose);
  text += id;
  text += '\0';
  text += std::to_string(generation);
  return crypto::base64url(crypto::hmac_sha256(key.bytes(), crypto::bytes(text)));
}

std::string hash_of(std::string_view token) { return crypto::hex(crypto::sha256(token)); }

Error unknown_link(std::string_view id) {
  return {Code::not_found, "no link " + std::string(id.substr(0, 64)), {}};
}

Error ended(LinkState state) {
  switch (state) {
    case LinkState::pending:
      return {Code::conflict, "this link is not open yet", {}};
    case LinkState::expired:
      return {Code::gone, "this link has expired", {}};
    case LinkState::used_up:
      return {Code::gone, "this link has been used as often as it may be", {}};
    case LinkState::revoked:
      return {Code::gone, "this link was revoked", {}};
    case LinkState::active:
      break;
  }
  return {Code::conflict, "this link changed meanwhile; try again", {}};
}

std::string_view condition_of(LinkState state) {
  // The order of Link::state(): revoked, expired, used up, pending, active.
  switch (state) {
    case LinkState::revoked:
      return "revoked_at <> 0";
    case LinkState::expired:
      return "revoked_at = 0 and expires_at <= :now";
    case LinkState::used_up:
      return "revoked_at = 0 and expires_at > :now and maximum_uses > 0 and uses >= maximum_uses";
    case LinkState::pending:
      return "revoked_at = 0 and expires_at > :now and (maximum_uses = 0 or uses < maximum_uses) and "
             "not_before > :now";
    case LinkState::active:
      break;
  }
  return "revoked_at = 0 and expires_at > :now and (maximum_uses = 0 or uses < maximum_uses) and not_before "
         "<= :now";
}

}  // namespace

LinkState Link::state(Timestamp now) const {
  if (revoked.ms != 0) return LinkState::revoked;
  if (now >= expires) return LinkState::expired;
  if (maximum_uses > 0 && uses >= maximum_uses) return LinkState::used_up;
  if (now < not_before) return LinkState::pending;
  return LinkState::active;
}

LinkInfo Link::info(Timestamp now) const {
  LinkInfo info;
  info.state = state(now);
  info.id = id;
  info.plugin = plugin;
  info.resource = resource;
  info.recipient.name = name;
  info.recipient.email = email;
  info.recipient.phone = phone;
  info.recipient.language = language;
  info.issued = issued;
  info.not_before = not_before;
  info.expires = expires;
  info.last_used = last_used;
  info.last_opened = last_opened;
  info.uses = uses;
  info.maximum_uses = maximum_uses;
  info.issued_by = issued_by;
  return info;
}

Links::Links(const FirmKeys& keys, const Audit& audit, LinkDefaults defaults)
    : keys_(keys), audit_(audit), defaults_(std::move(defaults)), watches_(std::make_unique<Watches>()) {}
Links::~Links() = default;

Result<Link> Links::issue(db::HostTransaction& transaction, const NewLink& wanted) const {
  POSTERN_CHECK(check_new_link(wanted));
  const Timestamp now = transaction.now;
  const Timestamp begins = std::clamp(wanted.not_before, now, now + defaults_.longest);
  const Timestamp expires = wanted.expires.ms != 0
                                ? wanted.expires
                                : std::min(begins + defaults_.expires_in, now + defaults_.longest);
  POSTERN_CHECK(check_expiry(now, wanted.not_before, expires, defaults_.longest));
  const LinkKey& key = keys_.newest_link_key();
  Link link;
  link.id = new_id(now);
  link.plugin = wanted.plugin;
  link.resource = wanted.resource;
  link.name = wanted.name;
  link.email = wanted.email;
  link.phone = wanted.phone;
  link.language = wanted.language;
  link.issued_by = wanted.issued_by;
  link.issued = now;
  link.not_before = wanted.not_before;
  link.expires = expires;
  link.maximum_uses = wanted.maximum_uses;
  link.key_id = key.id;
  transaction.change(
      "insert into links (id, token_hash, key_id, generation, plugin, resource, recipient_name, "
      "recipient_email, "
      "recipient_phone, recipient_language, issued_by, issued_at, not_before, expires_at, revoked_at, "
      "maximum_uses, uses, "
      "last_used_at, last_opened_at) values (:id, :token_hash, :key_id, :generation, :plugin, :resource, "
      ":name, :email, "
      ":phone, :language, :issued_by, :issued_at, :not_before, :expires_at, 0, :maximum_uses, 0, 0, 0)",
      {link.id, hash_of(derive(key.key, link.id, link.generation)), link.key_id, link.generation, link.plugin,
       link.resource, link.name, link.email, link.phone, link.language, link.issued_by, link.issued,
       link.not_before, link.expires, link.maximum_uses});
  audit_.append(transaction, link.plugin, "link.issued", link.id,
                with_fields("{}", {{"resource", link.resource},
                                   {"recipient", link.email.empty() ? link.name : link.email},
                                   {"not_before", link.not_before.ms},
                                   {"expires", link.expires.ms},
                                   {"maximum_uses", link.maximum_uses}}));
  return link;
}

Result<Link> Links::find_by_token(db::HostTransaction& transaction, std::string_view token) const {
  // Whatever was sent is hashed and looked up, so that a malformed token takes the time of a wrong one. One
  // byte more than a token has is enough to tell a longer text from a token, and still one block of SHA-256.
  const auto row =
      transaction.row("select " + std::string(kColumns) + " from links where token_hash = :token_hash",
                      {hash_of(token.substr(0, kTokenLength + 1))});
  if (!row) return {Code::not_found, "this link is not known"};
  return link_of(*row);
}

Result<Link> Links::find(db::HostTransaction& transaction, std::string_view id) const {
  if (!is_id(id)) return unknown_link("of this form");
  const auto row = transaction.row("select " + std::string(kColumns) + " from links where id = :id", {id});
  if (!row) return unknown_link(id);
  return link_of(*row);
}

std::vector<Link> Links::list(db::HostTransaction& transaction, const LinkFilter& filter) const {
  std::string sql = "select " + std::string(kColumns) + " from links where id > :after";
  std::vector<db::Cell> values{filter.after};
  const auto add = [&](std::string_view condition, const std::optional<std::string>& value) {
    if (!value) return;
    sql += condition;
    values.emplace_back(*value);
  };
  add(" and plugin = :plugin", filter.plugin);
  add(" and resource = :resource", filter.resource);
  add(" and recipient_email = :email", filter.email);
  if (filter.state) {
    const std::string_view condition = condition_of(*filter.state);
    sql += " and " + std::string(condition);
    for (std::size_t at = condition.find(":now"); at != std::string_view::npos;
         at = condition.find(":now", at + 1)) {
      values.emplace_back(transaction.now);
    }
  }
  sql += " order by id limit :limit";
  values.emplace_back(std::max(0, filter.limit));
  std::vector<Link> links;
  for (const auto& row : transaction.rows(sql, values)) links.push_back(link_of(row));
  return links;
}

Result<void> Links::use(db::HostTransaction& transaction, std::string_view id) const {
  const Timestamp now = transaction.now;
  const std::string sql = "update links set uses = uses + 1, last_used_at = :now where id = :id and " +
                          std::string(condition_of(LinkState::active));
  if (transaction.change(sql, {now, id, now, now}) == 1) return {};
  POSTERN_TRY(const Link link, find(transaction, id));
  return ended(link.state(now));
}

void Links::opened(db::HostTransaction& transaction, std::string_view id) const {
  transaction.change("update links set last_opened_at = :now where id = :id", {transaction.now, id});
}

Result<void> Links::revoke(db::HostTransaction& transaction, std::string_view id) const {
  POSTERN_TRY(const Link link, find(transaction, id));
  if (link.revoked.ms != 0) return {};
  transaction.change("update links set revoked_at = :now where id = :id", {transaction.now, id});
  audit_.append(transaction, link.plugin, "link.revoked", id);
  transaction.after_commit([watches = watches_.get(), key = link.id] { watches->revoked(key); });
  return {};
}

Result<void> Links::reissue(db::HostTransaction& transaction, std::string_view id) const {
  POSTERN_TRY(const Link link, find(transaction, id));
  if (link.revoked.ms != 0)
    return {Code::conflict, "this link was revoked and cannot be reissued; issue a new one"};
  const LinkKey& key = keys_.newest_link_key();
  const int generation = link.generation + 1;
  transaction.change(
      "update links set token_hash = :token_hash, key_id = :key_id, generation = :generation where id = :id",
      {hash_of(derive(key.key, id, generation)), key.id, generation, id});
  audit_.append(transaction, link.plugin, "link.reissued", id,
                with_fields("{}", {{"generation", generation}}));
  transaction.after_commit([watches = watches_.get(), reissued = link.id] { watches->reissued(reissued); });
  return {};
}

Result<void> Links::set_expiry(db::HostTransaction& transaction, std::string_view id,
                               Timestamp expires) const {
  POSTERN_TRY(const Link link, find(transaction, id));
  if (link.revoked.ms != 0)
    return {Code::conflict, "this link was revoked and does not come back; issue a new one"};
  POSTERN_CHECK(check_expiry(transaction.now, link.not_before, expires, defaults_.longest));
  if (expires == link.expires) return {};
  transaction.change("update links set expires_at = :expires where id = :id", {expires, id});
  audit_.append(transaction, link.plugin, "link.extended", id,
                with_fields("{}", {{"from", link.expires.ms}, {"to", expires.ms}}));
  return {};
}

Result<std::string> Links::token(const Link& link) const {
  const LinkKey* key = keys_.link_key(link.key_id);
  if (key == nullptr) {
    return {Code::internal,
            "the link key \"" + link.key_id + "\" is missing from the firm's keys; put its file back"};
  }
  return derive(key->key, link.id, link.generation);
}

Result<std::string> Links::address(const Link& link) const {
  POSTERN_TRY(const std::string secret, token(link));
  return defaults_.base_url + "/l/" + secret;
}

Cancelled Links::watch(std::string_view id) const { return watches_->watch(id); }

void Links::raise_revoked_elsewhere(db::FirmDatabase& database) const {
  const auto ids = watches_->watched();
  if (ids.empty()) return;
  // A database that does not answer now is asked again at the next round.
  [[maybe_unused]] const auto checked = database.read([&](db::HostTransaction& transaction) -> Result<void> {
    for (const auto& id : ids)
      if (transaction.row("select id from links where id = :id and revoked_at > 0", {id})) watches_->revoked(id);
    return {};
  });
}

}  // namespace postern::services
