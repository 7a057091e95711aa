#include "answer.hpp"

#include <nlohmann/json.hpp>

#include "postern/json.hpp"
#include "text.hpp"

namespace postern::share {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered time_or_null(Timestamp time) { return time.ms == 0 ? Ordered(nullptr) : Ordered(to_rfc3339(time)); }
Ordered text_or_null(const std::string& text) { return text.empty() ? Ordered(nullptr) : Ordered(text); }

Ordered documents_json(const Share& share) {
  Ordered list = Ordered::array();
  for (const SharedDocument& document : share.documents)
    list.push_back({{"id", document.id},
                    {"version", document.version},
                    {"name", document.name},
                    {"type", document.type},
                    {"bytes", document.bytes}});
  return list;
}

}  // namespace

Summary summary(const std::vector<OwnedLink>& links) {
  Summary counts;
  for (const OwnedLink& link : links) {
    ++counts.recipients;
    if (link.last_opened.ms != 0 || link.uses != 0) ++counts.opened;
    if (link.uses != 0) ++counts.downloaded;
    switch (link.state) {
      case LinkState::pending:
      case LinkState::active:
        ++counts.active;
        break;
      case LinkState::expired:
        ++counts.expired;
        break;
      case LinkState::used_up:
        ++counts.used_up;
        break;
      case LinkState::revoked:
        ++counts.revoked;
        break;
    }
  }
  return counts;
}

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

std::string_view progress(const RecipientView& recipient) {
  if (recipient.link.uses != 0) return "downloaded";
  if (recipient.link.last_opened.ms != 0) return "opened";
  return name(recipient.delivery);
}

Ordered to_json(const RecipientView& recipient, const Share& share) {
  const OwnedLink& link = recipient.link;
  Ordered documents = Ordered::array();
  for (const SharedDocument& document : share.documents) {
    const auto fate = recipient.fates.find(document.id);
    if (fate != recipient.fates.end())
      documents.push_back({{"id", document.id},
                           {"name", document.name},
                           {"viewed", time_or_null(fate->second.viewed)},
                           {"downloaded", time_or_null(fate->second.downloaded)}});
  }
  return {{"link", link.id},
          {"name", text_or_null(link.name)},
          {"email", text_or_null(link.email)},
          {"phone", text_or_null(link.phone)},
          {"language", text_or_null(link.language)},
          {"state", name(link.state)},
          {"progress", progress(recipient)},
          {"address", text_or_null(recipient.address)},
          {"issued", time_or_null(link.issued)},
          {"expires", time_or_null(link.expires)},
          {"notified", time_or_null(recipient.notified)},
          {"message", name(recipient.delivery)},
          {"last_opened", time_or_null(link.last_opened)},
          {"last_used", time_or_null(link.last_used)},
          {"uses", link.uses},
          {"maximum_uses", link.maximum_uses == 0 ? Ordered(nullptr) : Ordered(link.maximum_uses)},
          {"documents", std::move(documents)}};
}

Ordered to_json(const Share& share, const Summary& counts) {
  const bool from_firm = share.from_name.empty() && share.from_email.empty();
  return {{"id", share.id},
          {"title", text_or_null(share.title)},
          {"message", text_or_null(share.message)},
          {"from", from_firm ? Ordered(nullptr)
                             : Ordered{{"name", text_or_null(share.from_name)},
                                       {"email", text_or_null(share.from_email)}}},
          {"state", share.revoked.ms != 0 ? "revoked"
                    : counts.active != 0  ? "active"
                                          : "ended"},
          {"created", to_rfc3339(share.created)},
          {"created_by", {{"id", share.created_by}, {"name", share.created_by_name}}},
          {"revoked", time_or_null(share.revoked)},
          {"documents", documents_json(share)},
          {"counts",
           {{"recipients", counts.recipients},
            {"opened", counts.opened},
            {"downloaded", counts.downloaded},
            {"active", counts.active},
            {"expired", counts.expired},
            {"used_up", counts.used_up},
            {"revoked", counts.revoked}}}};
}

std::string problem(const std::vector<FieldError>& errors) {
  Ordered json;
  json["type"] = "about:blank";
  json["title"] = "Bad Request";
  json["status"] = 400;
  json["detail"] = errors.size() == 1
                       ? errors.front().detail
                       : std::to_string(errors.size()) + " parts of the request are wrong; see \"errors\".";
  json["code"] = "invalid";
  for (const FieldError& error : errors) {
    Ordered entry{{"detail", error.detail}};
    if (error.parameter.empty()) {
      entry["pointer"] = "#" + error.pointer;
    } else {
      entry["parameter"] = error.parameter;
    }
    json["errors"].push_back(std::move(entry));
  }
  return json.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

}  // namespace postern::share
