// The command line, as a value: what was asked, checked for form. The only file that knows CLI11 is arguments.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::cli {

struct Serve {};
struct Check {
  std::string sample;   // print a commented sample of "host" or "firm" instead
  std::string options;  // print the option table of "host" or "firm" instead
};
struct PluginInspect {
  std::string file;
  bool json = false;
};
struct PluginList {};
struct KeyCreate {
  std::string firm, name, role = "member";
  std::int64_t expires_in = 0;  // milliseconds; 0: never
  bool quiet = false;           // the key and nothing else
};
struct KeyList {
  std::string firm;
};
struct KeyRevoke {
  std::string firm, id;
};
struct LinksList {
  std::string firm, plugin, state, email;
  bool json = false;
};
struct LinksRevoke {
  std::string firm, id;
};
struct LinksReissue {
  std::string firm, id;
};
struct LinksRotateKey {
  std::string firm;
};
struct AuditVerify {
  std::string firm;
};
struct AuditList {
  std::string firm, subject, link;
  int limit = 100;
};
struct Migrate {};

using Command = std::variant<Serve, Check, PluginInspect, PluginList, KeyCreate, KeyList, KeyRevoke, LinksList, LinksRevoke,
                             LinksReissue, LinksRotateKey, AuditVerify, AuditList, Migrate>;

struct Arguments {
  std::string config = "config/postern.yaml";
  Command command;
};

/// What to do, or the exit code when the command line was answered already (0 after --help, 2 after a mistake, which is
/// one sentence on standard error).
std::variant<Arguments, int> parse_arguments(int count, const char* const* words);

}  // namespace postern::cli
