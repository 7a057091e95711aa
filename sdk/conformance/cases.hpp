// The cases of the kit. Each runs in a process of its own, so that one plugin's crash is one case's failure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sdk/conformance/subject.hpp"

namespace postern::conformance {

struct Case {
  std::string_view name;
  std::string_view description;  // what must be true
  Verdict (*run)(const std::string& path);
};

std::span<const Case> cases();

// cases_file.cpp
Verdict file_is_a_plugin(const std::string& path);
Verdict loads_fast(const std::string& path);
Verdict starts_no_thread(const std::string& path);
Verdict carries_its_files(const std::string& path);
Verdict settings_are_strict(const std::string& path);
// cases_life.cpp
Verdict lives_a_hundred_times(const std::string& path);
Verdict instances_are_apart(const std::string& path);
Verdict services_withheld(const std::string& path);
Verdict stops_while_busy(const std::string& path);
// cases_doors.cpp
Verdict routes_have_handlers(const std::string& path);
Verdict hostile_requests(const std::string& path);
Verdict gets_change_nothing(const std::string& path);
Verdict service_failures(const std::string& path);
Verdict concurrent_doors(const std::string& path);

/// The library, loaded as the host would from its own folder. Throws std::runtime_error with the refusal.
std::shared_ptr<plugins::Library> load(const std::string& path);

}  // namespace postern::conformance
