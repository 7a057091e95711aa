// postern-conformance PLUGIN.so [CASE]: does a plugin keep the rules of the SDK? Runs against fakes; touches
// nothing.
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <stdexcept>

#include "sdk/conformance/cases.hpp"

namespace postern::conformance {

namespace {

constexpr Case kCases[] = {
    {"file", "one export, nothing unique or undefined, the note equals the descriptor", file_is_a_plugin},
    {"load_time", "it loads in less than 100 ms", loads_fast},
    {"no_threads", "loading starts no thread, and none is left after stop", starts_no_thread},
    {"files", "every language of the manifest has its messages, and they are YAML", carries_its_files},
    {"settings", "defaults and examples fit, unknown settings are refused, each has a description",
     settings_are_strict},
    {"no_growth", "a hundred lives leave no memory behind", lives_a_hundred_times},
    {"two_instances", "two firms' instances share nothing", instances_are_apart},
    {"withheld", "without a service it needs, it refuses cleanly", services_withheld},
    {"stop_while_busy", "it drains and stops while calls run", stops_while_busy},
    {"routes", "every route of the manifest has a handler, every page it answers with is there",
     routes_have_handlers},
    {"hostile", "hostile parameters, forms and bodies make no exception", hostile_requests},
    {"get_is_safe", "a GET changes nothing", gets_change_nothing},
    {"failures", "each call of each service failing in turn gives a clean error", service_failures},
    {"concurrent", "doors may be called from several threads at once", concurrent_doors},
};

int run_here(const Case& one, const std::string& path) {
  Verdict verdict;
  try {
    verdict = one.run(path);
  } catch (const std::exception& exception) {
    verdict = exception.what();
  }
  if (verdict.empty()) return 0;
  std::cerr << one.name << ": " << verdict << "\n";
  return 1;
}

/// Runs the case in a process of its own.
bool run_apart(const Case& one, const std::string& path) {
  std::cout.flush();
  pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    std::string name(one.name);
    ::execl("/proc/self/exe", "postern-conformance", path.c_str(), name.c_str(), static_cast<char*>(nullptr));
    std::_Exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  std::cout << (good                  ? "ok    "
                : WIFSIGNALED(status) ? "CRASH "
                                      : "FAIL  ")
            << one.name << ": " << one.description << "\n";
  if (WIFSIGNALED(status)) std::cerr << one.name << ": " << ::strsignal(WTERMSIG(status)) << "\n";
  return good;
}

int usage() {
  std::cerr << "usage: postern-conformance PLUGIN.so [CASE]\n       postern-conformance --list\n";
  return 2;
}

}  // namespace

std::span<const Case> cases() { return kCases; }

}  // namespace postern::conformance

int main(int argc, char** argv) {
  using namespace postern::conformance;
  if (argc == 2 && std::string_view(argv[1]) == "--list") {
    for (const auto& one : cases()) std::cout << one.name << ": " << one.description << "\n";
    return 0;
  }
  if (argc != 2 && argc != 3) return usage();
  int failed = 0;
  bool found = false;
  for (const auto& one : cases()) {
    if (argc == 3 && one.name != argv[2]) continue;
    found = true;
    if (argc == 3) return run_here(one, argv[1]);
    failed += run_apart(one, argv[1]) ? 0 : 1;
  }
  if (!found) return usage();
  if (failed != 0) std::cout << failed << " of " << cases().size() << " cases failed\n";
  return failed == 0 ? 0 : 1;
}
