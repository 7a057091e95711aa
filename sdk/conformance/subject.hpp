// The plugin that is being examined, and what the kit knows to call it with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugins/library.hpp"
#include "host/plugins/settings_view.hpp"
#include "postern/testing/fake_host.hpp"

namespace postern::conformance {

/// What a case found: empty when all is well, else what is wrong and what to do.
using Verdict = std::string;

/// A firm of fakes with one instance of the plugin. Not copied, not moved: the instance points into it.
class Firm {
 public:
  /// Applies the plugin's schema.sql; the settings are its defaults and examples.
  explicit Firm(std::shared_ptr<plugins::Library> library);
  Firm(const Firm&) = delete;
  Firm& operator=(const Firm&) = delete;

  /// create, configure, start. Empty, or why not.
  Verdict start();
  /// Calls a route as its door's rightful caller.
  testing::Answer call(const plugins::Route& route, const testing::Call& call);
  /// Calls every staff route that takes a body with a sample of it, as its openapi.yaml describes it, so that
  /// there is something to look at and a link to come by.
  void populate();

  testing::FakeHost host;
  std::unique_ptr<plugins::Instance> instance;

 private:
  std::shared_ptr<plugins::Library> library_;
  std::unique_ptr<plugins::SettingsView> settings_;
};

/// Calls that a route should take: a right one first, as far as it can be guessed, then hostile ones.
std::vector<testing::Call> calls(const plugins::Library& library, const plugins::Route& route);

/// A JSON body that fits the schema of a staff route in the plugin's openapi.yaml; "{}" when none is
/// described.
std::string sample_body(const plugins::Library& library, const plugins::Route& route);

/// YAML of the settings that have no default, from their examples.
std::string sample_settings(const settings::Schema& schema);

/// True when an answer shows that an exception came out of a handler.
bool threw(const testing::Answer& answer);

/// "POST /api/v1/ack (ask)"
std::string name(const plugins::Manifest& manifest, const plugins::Route& route);

}  // namespace postern::conformance
