// libFuzzer target: YAML as firms, plugin authors and translators write it. The first byte chooses what the
// rest is read as. Besides not crashing: what was read can be written and read again, and every problem has
// its words.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/settings/firm_settings.hpp"
#include "host/settings/generate.hpp"
#include "host/settings/host_settings.hpp"
#include "host/settings/load.hpp"

namespace {

using namespace postern::settings;

void expect(bool holds) {
  if (!holds) std::abort();
}

void expect_words(const Problems& problems) {
  for (const auto& problem : problems) {
    expect(!problem.found.empty() && !problem.wanted.empty());
    expect(problem.to_string().find('\n') == std::string::npos);
  }
}

/// yaml-cpp takes no key without "?" that is longer than 1,024 bytes as written, so long escaped keys are
/// left out.
bool has_long_key(const Value& value) {
  if (value.kind() == Value::Kind::list) {
    for (const auto& entry : value.list()) {
      if (has_long_key(entry)) return true;
    }
  }
  if (value.kind() != Value::Kind::map) return false;
  for (const auto& [key, entry] : value.map()) {
    if (key.size() > 128 || has_long_key(entry)) return true;
  }
  return false;
}

void read_untyped(std::string_view text) {
  auto loaded = load_untyped(text, "fuzz.yaml");
  expect_words(loaded.problems);
  if (!loaded.ok() || has_long_key(loaded.value)) return;
  const auto json = loaded.value.to_json();
  for (const auto& written : {json, to_yaml(loaded.value)}) {
    auto again = parse_yaml(written, "again.yaml");
    expect(again.ok() && again->to_json() == json);
  }
}

void read_schema(std::string_view text) {
  auto value = parse_yaml(text, "manifest.yaml");
  if (!value.ok()) return;
  auto schema = schema_from((*value)["settings"].is_null() ? *value : (*value)["settings"]);
  if (!schema.ok()) return expect(!schema.error().message.empty());
  // A schema that was taken has defaults that it takes itself.
  for (const auto& problem : validate(Value(), *schema).problems) expect(problem.found == "nothing");
  (void)option_table(*schema);
  auto sample = commented_sample(*schema, Value(), "Fuzz");
  (void)load_text(sample, "sample.yaml", *schema);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_untyped(text);
      break;
    case 1:
      expect_words(host_settings_from(text, "config/postern.yaml").problems);
      break;
    case 2:
      expect_words(firm_settings_from(text, "config/firms/fuzz.yaml", "/srv/data").problems);
      break;
    default:
      read_schema(text);
      break;
  }
  return 0;
}
