// The staff's door: making shares, seeing what became of them, ending them.
#include <algorithm>
#include <charconv>

#include "postern/json.hpp"
#include "share.hpp"
#include "text.hpp"

namespace postern::share {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr std::string_view kLeastRoleForAddresses = "read-only";  // roles above it may hold what opens a link

std::string dumped(const Ordered& json) {
  return json.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

Result<void> refuse(StaffContext& c, const std::vector<FieldError>& errors) {
  c.response.status(400);
  c.response.body("application/problem+json", problem(errors));
  return {};
}

Result<void> no_such_share() { return {Code::not_found, "there is no such share"}; }

/// Members share in their own name; a program in its own says nothing to a recipient, so the firm stands for
/// it.
void set_author(Share& share, const NewShare& input, const Member& member) {
  share.created_by = member.id;
  share.created_by_name = member.name;
  if (!input.from_name.empty()) {
    share.from_name = input.from_name;
    share.from_email = input.from_email;
  } else if (member.id.starts_with("member:")) {
    share.from_name = member.name;
    share.from_email = member.email;
  }
}

/// What the message's texts are made with.
std::string message_values(const Share& share) {
  std::int64_t bytes = 0;
  for (const SharedDocument& document : share.documents) bytes += document.bytes;
  return dump({{"count", share.documents.size()},
               {"bytes", bytes},
               {"titled", share.title.empty() ? "no" : "yes"},
               {"title", share.title}});
}

const SharedWith* recipient_of(const Share& share, std::string_view link) {
  const auto found = std::find_if(share.recipients.begin(), share.recipients.end(),
                                  [&](const SharedWith& with) { return with.link == link; });
  return found == share.recipients.end() ? nullptr : &*found;
}

bool is_open(LinkState state) { return state == LinkState::active || state == LinkState::pending; }

/// 1 to 200, 50 when nothing is said; 0: it is no such number.
int limit_of(std::string_view text) {
  if (text.empty()) return 50;
  int limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  return error == std::errc() && end == text.data() + text.size() && limit >= 1 && limit <= 200 ? limit : 0;
}

/// Of a list of shares.
std::vector<FieldError> read_filter(StaffContext& c, ShareFilter& filter) {
  std::vector<FieldError> errors;
  const auto wrong = [&](std::string_view name, std::string_view wanted) {
    errors.push_back({{},
                      "\"" + std::string(name) + "\" is \"" + shortened(c.query(name)) + "\"; wanted is " +
                          std::string(wanted) + ".",
                      std::string(name)});
  };
  filter.limit = limit_of(c.query("limit"));
  if (filter.limit == 0) wrong("limit", "a whole number from 1 to 200");
  filter.before = c.query("after");
  if (!filter.before.empty() && !is_id(filter.before))
    wrong("after", "the cursor in \"next\" of the page before");
  filter.email = lower(c.query("email"));
  if (!filter.email.empty() && !is_email(filter.email)) wrong("email", "an email address");
  filter.document = c.query("document");
  if (!filter.document.empty() && !characters(filter.document, Lines::one))
    wrong("document", "the id of a document");
  return errors;
}

std::string next_page(const ShareFilter& filter, std::string_view cursor) {
  std::string path = "</api/v1/share?limit=" + std::to_string(filter.limit) + "&after=" + std::string(cursor);
  const auto add = [&](std::string_view name, std::string_view value) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (value.empty()) return;
    path += "&" + std::string(name) + "=";
    for (const char c : value) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
      const auto byte = static_cast<unsigned char>(c);
      if (plain) {
        path += c;
      } else {
        path += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
      }
    }
  };
  add("email", filter.email);
  add("document", filter.document);
  return path + ">; rel=\"next\"";
}

}  // namespace

Result<std::vector<SharedDocument>> SharePlugin::pin(Tx tx, const std::vector<std::string>& ids,
                                                     std::vector<FieldError>& errors) const {
  Transaction& transaction = tx;
  std::vector<SharedDocument> pinned;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty()) continue;  // already noted
    auto found = documents_.find(transaction, ids[i]);
    if (found.ok()) {
      pinned.push_back({found->id, found->version, found->name, found->type, found->bytes});
    } else if (found.code() == Code::not_found || found.code() == Code::invalid) {
      errors.push_back({"/documents/" + std::to_string(i), "There is no document \"" + shortened(ids[i]) +
                                                               "\"; wanted is the id of one of the firm's."});
    } else {
      return std::move(found).error();
    }
  }
  return pinned;
}

Result<void> SharePlugin::invite(StaffContext& c, const Share& share,
                                 const std::vector<NewRecipient>& recipients, bool notify) const {
  Transaction& transaction = c.tx;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const NewRecipient& recipient = recipients[i];
    LinkSpec spec;
    spec.resource = share.id;
    spec.maximum_uses = recipient.maximum_uses;
    spec.recipient.name = recipient.name;
    spec.recipient.email = recipient.email;
    spec.recipient.phone = recipient.phone;
    spec.recipient.language = recipient.language;
    spec.expires = recipient.expires;
    spec.issued_by = c.member.id;
    auto issued = links_.issue(transaction, spec);
    if (!issued.ok()) {
      Error error = std::move(issued).error();
      if (error.code == Code::invalid)
        error.field = "/recipients/" + std::to_string(i) + (error.field.empty() ? "" : "/" + error.field);
      return error;
    }
    POSTERN_CHECK(
        Store::add_recipient(c.tx, share.id, {*issued, recipient.name, lower(recipient.email), {}, {}}));
    if (!notify || recipient.email.empty()) continue;
    POSTERN_TRY(const OwnedLink link, links_.find(transaction, *issued));
    POSTERN_CHECK(send(c, share, link));
  }
  return {};
}

Result<void> SharePlugin::send(StaffContext& c, const Share& share, const OwnedLink& link) const {
  Transaction& transaction = c.tx;
  const std::string values = message_values(share);
  Message message;
  message.key = "share.sent";
  message.recipient = link.recipient();
  message.link = link.id;
  message.values = values;
  message.member_name = share.from_name;
  message.member_email = share.from_email;
  message.quotation = share.message;
  message.reference = share.id;
  POSTERN_TRY(const std::string id, notifier_.queue(transaction, message));
  return Store::set_message(c.tx, link.id, id, c.now);
}

Result<void> SharePlugin::create(StaffContext& c) {
  Transaction& transaction = c.tx;
  auto input = read_share(c.body(), limits_, c.now);
  POSTERN_TRY(auto documents, pin(c.tx, input.value.documents, input.errors));
  if (!input.ok()) return refuse(c, input.errors);
  Share share;
  share.id = uuid7(c.now, random_.id());
  share.title = input.value.title;
  share.message = input.value.message;
  share.created = c.now;
  share.documents = std::move(documents);
  if (share.title.empty() && share.documents.size() == 1) share.title = share.documents.front().name;
  set_author(share, input.value, c.member);
  POSTERN_CHECK(Store::add(c.tx, share));
  POSTERN_CHECK(invite(c, share, input.value.recipients, input.value.notify));
  POSTERN_CHECK(audit_.append(transaction, "share.created", share.id,
                              dump({{"title", share.title},
                                    {"documents", share.documents.size()},
                                    {"recipients", input.value.recipients.size()},
                                    {"notified", input.value.notify}})));
  c.response.header("Location", "/api/v1/share/" + share.id);
  POSTERN_TRY(const Share stored, Store::find(c.tx, share.id));
  return answer_share(c, stored, 201);
}

Result<void> SharePlugin::list(StaffContext& c) {
  Transaction& transaction = c.tx;
  ShareFilter filter;
  if (const auto errors = read_filter(c, filter); !errors.empty()) return refuse(c, errors);
  ++filter.limit;  // one more shows whether a page follows
  auto shares = Store::list(c.tx, filter);
  --filter.limit;
  if (!shares.ok()) return std::move(shares).error();
  const bool more = shares->size() > static_cast<std::size_t>(filter.limit);
  if (more) shares->pop_back();
  Ordered items = Ordered::array();
  for (const Share& share : *shares) {
    POSTERN_TRY(const auto links, links_.list(transaction, share.id));
    items.push_back(to_json(share, summary(links)));
  }
  Ordered next = nullptr;
  if (more) {
    next = shares->back().id;
    c.response.header("Link", next_page(filter, shares->back().id));
  }
  c.json(dumped({{"items", std::move(items)}, {"next", std::move(next)}}));
  return {};
}

Result<void> SharePlugin::get(StaffContext& c) {
  POSTERN_TRY(const Share share, Store::find(c.tx, c.parameter("share")));
  return answer_share(c, share, 200);
}

Result<void> SharePlugin::events(StaffContext& c) {
  Transaction& transaction = c.tx;
  POSTERN_TRY(const Share share, Store::find(c.tx, c.parameter("share")));
  std::map<std::string, std::string> names;
  for (const SharedDocument& document : share.documents) names.emplace(document.id, document.name);
  std::map<std::int64_t, Ordered> by_sequence;  // a line may be found twice
  const auto add = [&](const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
      if (Ordered event = event_json(line, names); !event.is_null())
        by_sequence.insert_or_assign(event["sequence"].get<std::int64_t>(), std::move(event));
  };
  POSTERN_TRY(const auto own, audit_.list(transaction, share.id));
  add(own);
  for (const SharedWith& with : share.recipients) {
    POSTERN_TRY(const auto lines, audit_.list_link(transaction, with.link));
    add(lines);
  }
  Ordered items = Ordered::array();
  for (auto& [sequence, event] : by_sequence) items.push_back(std::move(event));
  c.json(dumped({{"items", std::move(items)}}));
  return {};
}

Result<void> SharePlugin::revoke(StaffContext& c) {
  Transaction& transaction = c.tx;
  if (const auto input = read_nothing(c.body()); !input.ok()) return refuse(c, input.errors);
  POSTERN_TRY(Share share, Store::find(c.tx, c.parameter("share")));
  if (share.revoked.ms == 0) {
    for (const SharedWith& with : share.recipients)
      POSTERN_CHECK(links_.revoke(transaction, with.link, c.member.id));
    POSTERN_CHECK(Store::set_revoked(c.tx, share.id, c.now));
    POSTERN_CHECK(audit_.append(transaction, "share.revoked", share.id));
    share.revoked = c.now;
  }
  return answer_share(c, share, 200);
}

Result<void> SharePlugin::add_recipients(StaffContext& c) {
  Transaction& transaction = c.tx;
  POSTERN_TRY(const Share share, Store::find(c.tx, c.parameter("share")));
  auto input = read_recipients(c.body(), limits_, c.now);
  if (!input.ok()) return refuse(c, input.errors);
  if (share.revoked.ms != 0) return {Code::conflict, "The share was revoked; make a new one."};
  const auto& added = input.value.recipients;
  if (share.recipients.size() + added.size() > limits_.recipients)
    return refuse(c, {{"/recipients", "The share has " + std::to_string(share.recipients.size()) +
                                          " recipients; with " + std::to_string(added.size()) +
                                          " more it would have over " + std::to_string(limits_.recipients) +
                                          ", the most one share can have."}});
  POSTERN_TRY(const auto links, links_.list(transaction, share.id));
  for (std::size_t i = 0; i < added.size(); ++i)
    for (const OwnedLink& link : links)
      if (!added[i].email.empty() && lower(link.email) == lower(added[i].email) && is_open(link.state))
        input.errors.push_back({"/recipients/" + std::to_string(i) + "/email",
                                "This recipient has a link that works already; resend or reissue that one."});
  if (!input.ok()) return refuse(c, input.errors);
  POSTERN_CHECK(invite(c, share, added, input.value.notify));
  POSTERN_CHECK(audit_.append(transaction, "share.recipients_added", share.id,
                              dump({{"recipients", added.size()}, {"notified", input.value.notify}})));
  POSTERN_TRY(const Share stored, Store::find(c.tx, share.id));
  return answer_share(c, stored, 201);
}

Result<SharePlugin::Chosen> SharePlugin::chosen(StaffContext& c) const {
  Transaction& transaction = c.tx;
  Chosen found;
  POSTERN_TRY(found.share, Store::find(c.tx, c.parameter("share")));
  const SharedWith* with = recipient_of(found.share, c.parameter("recipient"));
  if (with == nullptr) return no_such_share().error();
  found.with = *with;
  POSTERN_TRY(found.link, links_.find(transaction, with->link));
  return found;
}

Result<void> SharePlugin::revoke_recipient(StaffContext& c) {
  Transaction& transaction = c.tx;
  if (const auto input = read_nothing(c.body()); !input.ok()) return refuse(c, input.errors);
  POSTERN_TRY(const Chosen found, chosen(c));
  POSTERN_CHECK(links_.revoke(transaction, found.link.id, c.member.id));
  return answer_recipient(c);
}

Result<void> SharePlugin::resend(StaffContext& c) {
  Transaction& transaction = c.tx;
  if (const auto input = read_nothing(c.body()); !input.ok()) return refuse(c, input.errors);
  POSTERN_TRY(const Chosen found, chosen(c));
  if (!is_open(found.link.state))
    return {Code::conflict, "The link is " + std::string(name(found.link.state)) +
                                "; give an expired one a new expiry, or add the recipient again."};
  if (found.link.email.empty())
    return {Code::conflict,
            "The recipient has no email address; hand the link's address over in another way."};
  POSTERN_CHECK(send(c, found.share, found.link));
  POSTERN_CHECK(audit_.append(transaction, "share.resent", found.share.id, dump({{"link", found.link.id}})));
  return answer_recipient(c);
}

Result<void> SharePlugin::reissue(StaffContext& c) {
  Transaction& transaction = c.tx;
  const auto input = read_optional_expiry(c.body(), limits_, c.now);
  if (!input.ok()) return refuse(c, input.errors);
  POSTERN_TRY(const Chosen found, chosen(c));
  if (found.link.state == LinkState::revoked || found.link.state == LinkState::used_up)
    return {Code::conflict,
            "The link is " + std::string(name(found.link.state)) + "; add the recipient again."};
  if (found.link.state == LinkState::expired && input.value.ms == 0)
    return {Code::conflict, "The link is expired; say until when the new one works.", "expires"};
  POSTERN_CHECK(links_.reissue(transaction, found.link.id, c.member.id));
  if (input.value.ms != 0)
    POSTERN_CHECK(links_.set_expiry(transaction, found.link.id, input.value, c.member.id));
  if (!found.link.email.empty()) {
    POSTERN_TRY(const OwnedLink link, links_.find(transaction, found.link.id));
    POSTERN_CHECK(send(c, found.share, link));
  }
  POSTERN_CHECK(
      audit_.append(transaction, "share.reissued", found.share.id, dump({{"link", found.link.id}})));
  return answer_recipient(c);
}

Result<void> SharePlugin::set_expiry(StaffContext& c) {
  Transaction& transaction = c.tx;
  const auto input = read_expiry(c.body(), limits_, c.now);
  if (!input.ok()) return refuse(c, input.errors);
  POSTERN_TRY(const Chosen found, chosen(c));
  if (found.link.state == LinkState::revoked)
    return {Code::conflict, "The link is revoked; add the recipient again."};
  POSTERN_CHECK(links_.set_expiry(transaction, found.link.id, input.value, c.member.id));
  return answer_recipient(c);
}

Result<RecipientView> SharePlugin::recipient_view(StaffContext& c, const OwnedLink& link,
                                                  const SharedWith& with) const {
  Transaction& transaction = c.tx;
  RecipientView view;
  view.link = link;
  view.notified = with.notified;
  // A link nobody opened and no message was sent for has no story yet.
  if (link.last_opened.ms != 0 || link.last_used.ms != 0 || !with.message.empty()) {
    POSTERN_TRY(const auto lines, audit_.list_link(transaction, link.id));
    view.fates = fates(lines);
    view.delivery = delivery(lines, with.message);
  }
  if (c.member.role != kLeastRoleForAddresses && link.state != LinkState::revoked) {
    POSTERN_TRY(view.address, links_.address(transaction, link.id));
  }
  return view;
}

Result<void> SharePlugin::answer_share(StaffContext& c, const Share& share, int status) const {
  Transaction& transaction = c.tx;
  POSTERN_TRY(const auto links, links_.list(transaction, share.id));
  Ordered json = to_json(share, summary(links));
  json["recipients"] = Ordered::array();
  for (const OwnedLink& link : links) {
    const SharedWith* with = recipient_of(share, link.id);
    if (with == nullptr) continue;
    POSTERN_TRY(const RecipientView view, recipient_view(c, link, *with));
    json["recipients"].push_back(to_json(view, share));
  }
  c.json(dumped(json), status);
  return {};
}

Result<void> SharePlugin::answer_recipient(StaffContext& c) const {
  POSTERN_TRY(const Chosen found, chosen(c));
  POSTERN_TRY(const RecipientView view, recipient_view(c, found.link, found.with));
  c.json(dumped(to_json(view, found.share)));
  return {};
}

}  // namespace postern::share
