// The committed sample files: the schemas, with the values of the demo.
#include <stdexcept>

#include "host/settings/firm_settings.hpp"
#include "host/settings/generate.hpp"
#include "host/settings/host_settings.hpp"

namespace postern::settings {

namespace {

constexpr std::string_view kHostValues = R"(
listen: [{address: "127.0.0.1:8080"}]
plugin_folder: ../build/release/plugins_out
data_folder: ../data
)";

constexpr std::string_view kFirmValues = R"(
name: Acme Tax
legal_name: Acme Tax S.L.
hosts: [127.0.0.1, localhost]
base_url: http://127.0.0.1:8080
contact:
  email: office@acme-tax.example
  phone: "+34 910 000 000"
  address: Calle Mayor 1, 28013 Madrid
privacy_url: https://acme-tax.example/privacy
languages: [en, ja]
time_zone: Europe/Madrid
notification:
  from: {name: Acme Tax, email: links@acme-tax.example}
  reply_to: office@acme-tax.example
plugins:
  share:
    allow: [database/1, links/1, documents/1, notifier/1, audit/1, pages/1, clock/1, random/1]
)";

std::string sample(const Schema& schema, std::string_view values, std::string_view heading) {
  auto parsed = parse_yaml(values, "sample");
  if (!parsed.ok()) throw std::logic_error(parsed.error().message);
  return commented_sample(schema, *parsed, heading);
}

}  // namespace

std::string sample_host_yaml() {
  return sample(host_schema(), kHostValues,
                "How this host listens, what it takes, and where things are. Made by `postern check --sample "
                "host`; every "
                "key that may be left out stands at its default. Try a change with `postern check`.");
}

std::string sample_firm_yaml() {
  return sample(
      firm_schema(), kFirmValues,
      "The demo's firm. The file's name is its id. Made by `postern check --sample firm`; keys that are "
      "commented "
      "out have no default. What the firm writes lies in <data_folder>/<id>; secrets stand here by reference "
      "only, file:PATH (relative to this file, mode 0600) or env:NAME.");
}

}  // namespace postern::settings
