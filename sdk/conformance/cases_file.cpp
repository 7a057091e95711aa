// Cases about the file: what can be said before, or just after, it is loaded.
#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "host/settings/load.hpp"
#include "sdk/conformance/cases.hpp"

namespace postern::conformance {

namespace {

std::size_t threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSlower = 20;
#else
constexpr int kSlower = 1;
#endif

}  // namespace

std::shared_ptr<plugins::Library> load(const std::string& path) {
  auto whole = std::filesystem::absolute(path);
  auto library = plugins::Library::load(whole.parent_path().string(), whole.string());
  if (!library.ok()) throw std::runtime_error(library.error().message);
  return *library;
}

Verdict file_is_a_plugin(const std::string& path) {
  auto inspection = plugins::inspect(path);
  if (!inspection.ok()) return inspection.error().message;
  if (!inspection->refusal.empty()) return inspection->refusal;
  load(path);
  return inspection->manifest.routes.empty() ? "its manifest has no routes, so nobody can reach it; add some"
                                             : "";
}

Verdict loads_fast(const std::string& path) {
  constexpr std::chrono::milliseconds kLongest{100 * kSlower};
  auto fastest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 3; ++i) {  // the best of three: other programs run here too
    auto start = std::chrono::steady_clock::now();
    load(path);
    fastest = std::min(fastest, std::chrono::steady_clock::now() - start);
  }
  if (fastest < kLongest) return {};
  auto took = std::chrono::duration_cast<std::chrono::milliseconds>(fastest).count();
  return "loading takes " + std::to_string(took) + " ms, wanted is less than " +
         std::to_string(kLongest.count()) + "; move work from static objects into start()";
}

Verdict starts_no_thread(const std::string& path) {
  auto before = threads();
  auto library = load(path);
  if (threads() != before) return "loading it starts a thread; start it in start() and end it in stop()";
  {
    Firm firm(library);
    if (auto wrong = firm.start(); !wrong.empty()) return wrong;
  }
  if (threads() != before) return "a thread is left after stop(); join it there";
  return {};
}

Verdict carries_its_files(const std::string& path) {
  auto inspection = plugins::inspect(path);
  if (!inspection.ok()) return inspection.error().message;
  const auto& files = inspection->files;
  bool pages = std::any_of(files.begin(), files.end(),
                           [](const auto& file) { return file.first.starts_with("pages/"); });
  for (const auto& language : inspection->manifest.languages) {
    std::string name = "messages/" + language + ".yaml";
    if (!files.contains(name)) {
      if (pages)
        return name + " is missing, but languages has " + language + "; write it or take the language out";
      continue;
    }
    auto read = settings::parse_yaml(files.at(name), name);
    if (!read.ok()) return read.error().message;
  }
  if (files.contains("openapi.yaml")) {
    auto read = settings::parse_yaml(files.at("openapi.yaml"), "openapi.yaml");
    if (!read.ok()) return read.error().message;
  }
  return {};
}

Verdict settings_are_strict(const std::string& path) {
  auto library = load(path);
  const auto& schema = library->manifest().settings;
  Firm firm(library);  // its defaults and examples fit, or this throws
  auto unknown = settings::parse_yaml("{no_such_setting: 1}", "settings");
  if (settings::validate(*unknown, schema).ok())
    return "a setting that the manifest does not declare is taken";
  for (const auto& field : schema.fields) {
    if (field.description.empty())
      return "the setting " + field.name + " has no description; write one line for the firm";
  }
  if (auto wrong = firm.start(); !wrong.empty()) return wrong;
  for (const auto& line : firm.host.log.lines()) {
    if (line.second.find("manifest.yaml does not declare it") != std::string::npos) return line.second;
  }
  return {};
}

}  // namespace postern::conformance
