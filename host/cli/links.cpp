// postern links list | revoke | reissue | rotate-key
#include <iostream>
#include <nlohmann/json.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"

namespace postern::cli {
namespace {

std::string_view word(LinkState state) {
  switch (state) {
    case LinkState::pending: return "pending";
    case LinkState::active: return "active";
    case LinkState::expired: return "expired";
    case LinkState::used_up: return "used-up";
    case LinkState::revoked: return "revoked";
  }
  return "active";
}

services::LinkFilter filter_of(const LinksList& command) {
  services::LinkFilter filter;
  if (!command.plugin.empty()) filter.plugin = command.plugin;
  if (!command.email.empty()) filter.email = command.email;
  for (const auto state : {LinkState::pending, LinkState::active, LinkState::expired, LinkState::used_up, LinkState::revoked})
    if (command.state == word(state)) filter.state = state;
  return filter;
}

void print(const services::Link& link, Timestamp now, bool json) {
  if (!json) {
    std::cout << link.id << "  " << word(link.state(now)) << "  " << link.plugin << "  "
              << (link.email.empty() ? link.name : link.email) << "  until " << show(link.expires) << ", uses " << link.uses
              << (link.maximum_uses > 0 ? " of " + std::to_string(link.maximum_uses) : "") << ", last opened "
              << show(link.last_opened) << "\n";
    return;
  }
  const nlohmann::json object{{"id", link.id},           {"state", word(link.state(now))},
                              {"plugin", link.plugin},   {"resource", link.resource},
                              {"name", link.name},       {"email", link.email},
                              {"issued", link.issued.ms}, {"expires", link.expires.ms},
                              {"uses", link.uses},       {"maximum_uses", link.maximum_uses},
                              {"last_opened", link.last_opened.ms}};
  std::cout << object.dump() << "\n";
}

template <class F>
int change(const std::string& config, const std::string& firm_id, const char* done_word, const std::string& id, F&& act) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, firm_id, clock);
  if (firm == nullptr) return 2;
  const auto done =
      firm->database->write([&](db::HostTransaction& transaction) -> Result<void> { return act(*firm, transaction); });
  if (!done.ok()) return complain(done.error());
  std::cout << done_word << " " << id << "\n";
  return 0;
}

}  // namespace

int run(const LinksList& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  services::LinkFilter filter = filter_of(command);
  const auto done = firm->database->read([&](db::HostTransaction& transaction) -> Result<void> {
    for (;;) {
      const auto links = firm->links->list(transaction, filter);
      for (const auto& link : links) print(link, transaction.now, command.json);
      if (links.size() < static_cast<std::size_t>(filter.limit)) return {};
      filter.after = links.back().id;
    }
  });
  return done.ok() ? 0 : complain(done.error());
}

int run(const LinksRevoke& command, const std::string& config) {
  return change(config, command.firm, "revoked", command.id, [&](firm::Firm& firm, db::HostTransaction& transaction) {
    return firm.links->revoke(transaction, command.id);
  });
}

int run(const LinksReissue& command, const std::string& config) {
  return change(config, command.firm, "reissued", command.id, [&](firm::Firm& firm, db::HostTransaction& transaction) {
    return firm.links->reissue(transaction, command.id);
  });
}

int run(const LinksRotateKey& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  const auto id = firm->keys->rotate_link_key();
  if (!id.ok()) return complain(id.error());
  std::cout << "new links use key " << *id << " once the host is started again\n";
  return 0;
}

}  // namespace postern::cli
