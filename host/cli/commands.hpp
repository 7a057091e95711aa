// One function a command, one file a command (or a family of small ones). Each returns the exit code: 0 done, 1 found
// something wrong or failed, 2 the settings or the words are wrong.
#pragma once

#include "host/cli/arguments.hpp"

namespace postern::cli {

/// Reads the command line and runs the command. [main thread]
int run(int count, const char* const* words);

int run(const Serve& command, const std::string& config);
int run(const Check& command, const std::string& config);
int run(const Migrate& command, const std::string& config);
int run(const PluginInspect& command, const std::string& config);
int run(const PluginList& command, const std::string& config);
int run(const KeyCreate& command, const std::string& config);
int run(const KeyList& command, const std::string& config);
int run(const KeyRevoke& command, const std::string& config);
int run(const LinksList& command, const std::string& config);
int run(const LinksRevoke& command, const std::string& config);
int run(const LinksReissue& command, const std::string& config);
int run(const LinksRotateKey& command, const std::string& config);
int run(const AuditVerify& command, const std::string& config);
int run(const AuditList& command, const std::string& config);

}  // namespace postern::cli
