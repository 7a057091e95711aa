#include "sdk/conformance/subject.hpp"

#include <stdexcept>

#include "host/settings/load.hpp"
#include "postern/glue.hpp"

namespace postern::conformance {

using plugins::Door;
using plugins::Route;
using testing::Answer;
using testing::Call;

namespace {

class Doors final : public RecipientDoor, public StaffDoor {
 public:
  explicit Doors(plugins::Instance& instance) : instance_(instance) {}
  Code recipient(const Request& request, const Grant& grant, Response& response, ErrorSink& error) override {
    return instance_.recipient(request, grant, response, error);
  }
  Code staff(const Request& request, const Member& member, Response& response, ErrorSink& error) override {
    return instance_.staff(request, member, response, error);
  }

 private:
  plugins::Instance& instance_;
};

std::string file(const plugins::Library& library, const std::string& path) {
  const auto& files = library.inspection().files;
  auto found = files.find(path);
  return found == files.end() ? "" : found->second;
}

/// The names of a pattern's parameters.
std::vector<std::string> parameters(const std::string& pattern) {
  std::vector<std::string> names;
  for (auto open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', open + 1)) {
    names.push_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  }
  return names;
}

}  // namespace

bool threw(const Answer& answer) { return answer.error.message.starts_with(kThrew); }

std::string name(const plugins::Manifest& manifest, const Route& route) {
  std::string root = route.door == Door::staff ? "/api/v1/" + manifest.id : "/l/{token}";
  return route.method + " " + root + (route.pattern.empty() ? "" : "/" + route.pattern) + " (" + route.id +
         ")";
}

Firm::Firm(std::shared_ptr<plugins::Library> library)
    : host(library->manifest().id), library_(std::move(library)) {
  const auto& manifest = library_->manifest();
  auto written = settings::parse_yaml(sample_settings(manifest.settings), "settings");
  if (!written.ok())
    throw std::runtime_error("the examples of the settings are not YAML: " + written.error().message);
  auto checked = settings::validate(*written, manifest.settings);
  if (!checked.ok()) {
    throw std::runtime_error("the plugin's own defaults and examples do not fit its settings: " +
                             to_string(checked.problems));
  }
  settings_ = std::make_unique<plugins::SettingsView>(checked.value, &host.log);
  for (const char* id :
       {"database/1", "random/1", "clock/1", "links/1", "documents/1", "notifier/1", "audit/1", "pages/1"}) {
    const auto& needs = manifest.needs;
    if (std::find(needs.begin(), needs.end(), id) == needs.end()) host.withheld.insert(id);
  }
  host.documents.add("Engagement letter.pdf");
  host.documents.add("Invoice.pdf");
  host.database.apply(file(*library_, "schema.sql"));
}

Verdict Firm::start() {
  auto started = plugins::Instance::start(library_, host, *settings_);
  if (!started.ok()) return started.error().message;
  instance = *std::move(started);
  return {};
}

Answer Firm::call(const Route& route, const Call& call) {
  Doors doors(*instance);
  if (route.door == Door::staff) return host.staff(doors, call, testing::FakeHost::member());
  if (!host.links.all.empty()) return host.recipient(doors, call, host.links.all.front().id);
  LinkInfo link;  // of a resource that is gone, as after a restore from an old copy
  link.id = "link-0";
  link.plugin = library_->manifest().id;
  link.resource = "no-such-resource";
  link.recipient.name = "Jane Doe";
  link.recipient.email = "jane@example.org";
  link.expires = host.clock.now() + kDay;
  return host.recipient(doors, call, link);
}

void Firm::populate() {
  for (const auto& route : library_->manifest().routes) {
    if (route.door != Door::staff || route.method != "POST" || !parameters(route.pattern).empty()) continue;
    call(route, {.route = route.id, .method = "POST", .body = sample_body(*library_, route)});
  }
}

std::vector<Call> calls(const plugins::Library& library, const Route& route) {
  constexpr std::string_view kHostile[] = {"",         "../../etc/passwd", "' or 1=1 --",
                                           "\xff\xfe", "{{title}}",        "<script>"};
  bool staff = route.door == Door::staff;
  Call right{.route = route.id, .method = route.method};
  for (const auto& parameter : parameters(route.pattern)) right.parameters[parameter] = "document-1";
  if (route.method != "GET" && staff) right.body = sample_body(library, route);
  std::vector<Call> all{right};
  for (auto hostile : kHostile) {
    Call call = right;
    for (auto& [key, value] : call.parameters) value = hostile;
    for (const char* field : {"id", "name", "cursor", "limit", "title", "value"}) {
      call.query[field] = hostile;
      call.form[field] = hostile;
    }
    call.language = "xx";
    all.push_back(std::move(call));
  }
  if (route.method == "GET") return all;
  for (const char* body :
       {"{}", "[]", "null", "3", R"({"title": 3, "documents": {}, "recipients": "x", "expires": -1})"}) {
    Call call = right;
    call.body = body;
    all.push_back(std::move(call));
  }
  return all;
}

std::string sample_settings(const settings::Schema& schema) {
  std::string yaml;
  for (const auto& field : schema.fields) {
    if (field.default_yaml || !field.is_required) continue;
    yaml += (yaml.empty() ? "{" : ", ") + field.name + ": " +
            (field.example_yaml.empty() ? "example" : field.example_yaml);
  }
  return yaml.empty() ? "{}" : yaml + "}";
}

}  // namespace postern::conformance
