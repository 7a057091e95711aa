// Operations that read what happened: the audit record and the outbox.
#include <charconv>

#include "host/staff/list.hpp"
#include "host/staff/operations.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

Json details_json(const std::string& text) {
  Json details = Json::parse(text, nullptr, false);
  return details.is_discarded() ? Json::object() : details;
}

Json to_json(const services::AuditLine& line) {
  return {{"sequence", line.sequence},
          {"at", time_json(line.at)},
          {"event", line.event},
          {"plugin", text_or_null(line.plugin)},
          {"subject", text_or_null(line.subject)},
          {"actor",
           {{"member", text_or_null(line.actor.member)},
            {"name", text_or_null(line.actor.member_name)},
            {"link", text_or_null(line.actor.link)},
            {"recipient", text_or_null(line.actor.recipient)},
            {"address", text_or_null(line.actor.address)},
            {"user_agent", text_or_null(line.actor.user_agent)}}},
          {"details", details_json(line.details)},
          {"previous", line.previous},
          {"hash", line.hash}};
}

Json to_json(const services::OutboxMessage& message) {
  return {{"id", message.id},
          {"plugin", text_or_null(message.plugin)},
          {"message", message.key},
          {"reference", text_or_null(message.reference)},
          {"link", text_or_null(message.link)},
          {"recipient", {{"name", message.name}, {"email", message.email}}},
          {"state", message.state},
          {"attempts", message.attempts},
          {"reason", text_or_null(message.reason)},
          {"created", time_json(message.created)},
          {"next_attempt", message.state == "waiting" ? time_json(message.next_attempt) : Json(nullptr)},
          {"sent", time_json(message.sent)}};
}

/// The sequence a cursor names; 0: from the start.
std::int64_t sequence(Query& query, const std::string& after) {
  if (after.empty()) return 0;
  std::int64_t value = 0;
  const char* end = after.data() + after.size();
  const auto [stopped, error] = std::from_chars(after.data(), end, value);
  if (error != std::errc() || stopped != end || value < 1)
    query.wrong("after", "\"after\" is not a cursor of this list; take it from \"next\" of the page before.");
  return value;
}

}  // namespace

Answer list_audit(Call& call) {
  services::AuditFilter filter;
  const auto paging = call.query.paging();
  filter.after = sequence(call.query, paging.after);
  filter.subject = call.query.text("subject");
  filter.link = call.query.id("link");
  filter.event = call.query.text("event");
  filter.member = call.query.text("member");
  filter.from = call.query.time("from");
  filter.until = call.query.time("until");
  filter.newest_first = call.query.choice("order", "oldest newest").value_or(0) == 1;
  if (auto refused = call.query.refusal()) return *std::move(refused);
  filter.limit = paging.limit + 1;
  return paged(
      call, call.firm.audit.list(call.transaction, filter), paging.limit,
      [](const auto& line) { return to_json(line); },
      [](const auto& line) { return std::to_string(line.sequence); });
}

Answer verify_audit(Call& call) {
  const auto verdict = call.firm.audit.verify(call.transaction);
  Json json{{"whole", !verdict.fault}, {"lines", verdict.lines}, {"head", text_or_null(verdict.head)}};
  json["fault"] = verdict.fault ? Json{{"sequence", verdict.fault->sequence}, {"what", verdict.fault->what}}
                                : Json(nullptr);
  return json_answer(json);
}

Answer list_messages(Call& call) {
  const auto paging = call.query.paging();
  const std::string reference = call.query.text("reference").value_or("");
  if (auto refused = call.query.refusal()) return *std::move(refused);
  return paged(call, call.firm.outbox->list(call.transaction, reference, paging.after, paging.limit + 1),
               paging.limit, [](const auto& message) { return to_json(message); });
}

}  // namespace postern::staff
