// postern audit verify | list
#include <iostream>
#include <nlohmann/json.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"

namespace postern::cli {

int run(const AuditVerify& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  const auto verdict =
      firm->database->read([&](db::HostTransaction& transaction) -> Result<services::AuditVerdict> { return firm->audit.verify(transaction); });
  if (!verdict.ok()) return complain(verdict.error());
  if (verdict->fault) {
    std::cout << "audit of " << firm->settings.id << " is NOT whole: " << verdict->fault->what << "\n";
    return 1;
  }
  std::cout << "audit of " << firm->settings.id << " is whole: " << verdict->lines << " lines, head " << verdict->head << "\n";
  return 0;
}

int run(const AuditList& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  services::AuditFilter filter;
  if (!command.subject.empty()) filter.subject = command.subject;
  if (!command.link.empty()) filter.link = command.link;
  filter.newest_first = true;
  filter.limit = command.limit;
  const auto lines = firm->database->read([&](db::HostTransaction& transaction) -> Result<std::vector<services::AuditLine>> {
    return firm->audit.list(transaction, filter);
  });
  if (!lines.ok()) return complain(lines.error());
  for (auto line = lines->rbegin(); line != lines->rend(); ++line) {
    const nlohmann::json object{{"sequence", line->sequence}, {"at", line->at.ms},
                                {"event", line->event},       {"plugin", line->plugin},
                                {"subject", line->subject},   {"member", line->actor.member},
                                {"link", line->actor.link},   {"recipient", line->actor.recipient},
                                {"address", line->actor.address}, {"user_agent", line->actor.user_agent},
                                {"details", nlohmann::json::parse(line->details, nullptr, false)},
                                {"hash", line->hash}};
    std::cout << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
  return 0;
}

}  // namespace postern::cli
