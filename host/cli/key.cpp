// postern key create | list | revoke
#include <iostream>

#include "host/cli/commands.hpp"
#include "host/cli/house.hpp"
#include "host/staff/keys.hpp"

namespace postern::cli {
namespace {

plugins::Role role(const std::string& word) {
  if (word == "owner") return plugins::Role::owner;
  if (word == "admin") return plugins::Role::admin;
  if (word == "member") return plugins::Role::member;
  return plugins::Role::read_only;
}

std::string_view word(plugins::Role role) {
  switch (role) {
    case plugins::Role::owner: return "owner";
    case plugins::Role::admin: return "admin";
    case plugins::Role::member: return "member";
    case plugins::Role::read_only: return "read-only";
  }
  return "read-only";
}

}  // namespace

int run(const KeyCreate& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  const auto key = firm->database->write([&](db::HostTransaction& transaction) {
    const Timestamp expires = command.expires_in == 0 ? Timestamp{0} : transaction.now + command.expires_in;
    return staff::create_key(transaction, *firm->keys, firm->audit, command.name, role(command.role), expires);
  });
  if (!key.ok()) return complain(key.error());
  if (!command.quiet)
    std::cerr << "A key for " << firm->settings.name << " (" << command.role << "). It is shown this once; keep it safe.\n";
  std::cout << *key << "\n";
  return 0;
}

int run(const KeyList& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  const auto keys = firm->database->read(
      [&](db::HostTransaction& transaction) -> Result<std::vector<staff::ApiKey>> { return staff::list_keys(transaction); });
  if (!keys.ok()) return complain(keys.error());
  for (const auto& key : *keys)
    std::cout << key.id << "  " << word(key.role) << "  " << key.name << "  made " << show(key.created) << ", ends "
              << show(key.expires) << ", last used " << show(key.last_used)
              << (key.revoked.ms != 0 ? ", revoked " + show(key.revoked) : "") << "\n";
  return 0;
}

int run(const KeyRevoke& command, const std::string& config) {
  const firm::SystemClock clock;
  const auto firm = open_firm(config, command.firm, clock);
  if (firm == nullptr) return 2;
  const auto done = firm->database->write([&](db::HostTransaction& transaction) {
    return staff::revoke_key(transaction, firm->audit, command.id);
  });
  if (!done.ok()) return complain(done.error());
  std::cout << "revoked " << command.id << "\n";
  return 0;
}

}  // namespace postern::cli
