// Several firms beside each other: reading a folder of them, and what they may not share.
#include <algorithm>
#include <map>

#include "host/settings/firm_settings.hpp"
#include "host/settings/paths.hpp"
#include "host/settings/secret.hpp"

namespace postern::settings {

namespace {

namespace fs = std::filesystem;

/// Notes who has what; the second to claim a thing is told who was first.
class Claims {
 public:
  Claims(std::string what, Problems& problems) : what_(std::move(what)), problems_(problems) {}

  void claim(const std::string& thing, const std::string& firm, const Value& at) {
    auto [entry, is_new] = first_.try_emplace(thing, firm, at);
    if (is_new || entry->second.first == firm) return;
    const auto& [other, place] = entry->second;
    std::string where =
        place.file() + ":" + std::to_string(place.line()) + ":" + std::to_string(place.column());
    problems_.push_back(
        problem_at(at, what_ + " of this firm alone", "firm " + other + " has it at " + where));
  }

 private:
  std::string what_;
  Problems& problems_;
  std::map<std::string, std::pair<std::string, Value>> first_;
};

std::string sqlite_path(const FirmSettings& firm, const std::string& url) {
  return "sqlite:" + absolute_path(firm.folder, url.substr(7)).string();
}

/// Two names of one place are one place, as far as it exists already.
std::string real_path(const fs::path& path) {
  std::error_code error;
  auto real = fs::weakly_canonical(path, error);
  return (error ? path : real).string();
}

}  // namespace

Problems check_firms(std::span<const FirmSettings> firms) {
  Problems problems;
  Claims hosts("a host name", problems), databases("a database", problems), folders("a folder", problems);
  for (const auto& firm : firms) {
    for (const auto& host : firm.value["hosts"].list()) hosts.claim(host.text(), firm.id, host);
    const auto& url = firm.database.url.text();
    bool is_file = !firm.database.url.is_secret() && url.starts_with("sqlite:");
    databases.claim(is_file ? real_path(sqlite_path(firm, url).substr(7)) : url, firm.id, firm.database.url);
    folders.claim(real_path(firm.blobs.folder), firm.id, firm.value["blobs"]["folder"]);
    folders.claim(real_path(firm.keys_folder), firm.id, firm.value["keys"]["folder"]);
    folders.claim(real_path(firm.notification.mailbox), firm.id,
                  firm.value["notification"]["mailbox"]["folder"]);
  }
  return problems;
}

FirmsRead read_firms(const fs::path& firms_folder, const fs::path& data_folder) {
  FirmsRead out;
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(firms_folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") files.push_back(entry->path());
  }
  if (files.empty()) {
    std::string found = error ? "no readable folder" : "a folder without firms";
    out.problems.push_back({firms_folder.string(), 0, 0, {}, found, "one <id>.yaml a firm in it", {}});
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    FirmRead firm = read_firm_settings(file.string(), data_folder);
    out.problems.insert(out.problems.end(), firm.problems.begin(), firm.problems.end());
    if (firm.ok()) out.firms.push_back(std::move(firm.settings));
  }
  auto shared = check_firms(out.firms);
  out.problems.insert(out.problems.end(), shared.begin(), shared.end());
  return out;
}

Result<std::string> database_url(const FirmSettings& firm) {
  POSTERN_TRY(auto url, resolve_secret(firm.database.url));
  if (url.starts_with("sqlite:") && url.size() > 7) return sqlite_path(firm, url);
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return url;
  auto problem = problem_at(firm.database.url, "sqlite:FILE or postgresql://HOST/DATABASE behind it", {},
                            "a secret that is no database URL");
  return {Code::invalid, problem.to_string(), firm.database.url.path()};
}

}  // namespace postern::settings
