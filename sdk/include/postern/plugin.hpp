// The plugin itself: what the host calls. POSTERN_PLUGIN in glue.hpp exports it; comfort.hpp offers a shorter
// way to write one.
//
// Life: create (no I/O, no threads) -> configure -> start -> doors (concurrent) -> drain -> stop -> destroy.
// All but the doors are called once, by the host's main thread. If start fails, stop is still called.
#pragma once

#include <cstdint>
#include <string_view>

#include "postern/clock.hpp"
#include "postern/code.hpp"
#include "postern/database.hpp"
#include "postern/settings.hpp"

namespace postern {

/// What the host offers. Host-owned; outlives the plugin. [any thread, concurrent]
class Host {
 public:
  /// A service by id and revision, e.g. "links/1"; null when it is not offered or not granted in the firm's
  /// YAML. Owned by the host, valid for the plugin's life.
  virtual void* service(std::string_view id) noexcept = 0;

 protected:
  ~Host() = default;
};

/// Plugin-implemented. Derive from it and from the doors you open (door.hpp). Authors may throw: the glue
/// fences it.
class Plugin {
 public:
  virtual ~Plugin() = default;
  /// Ask for services, read settings. Anything but ok refuses the plugin with `error`'s sentence. [called
  /// once]
  virtual Code configure(Host& host, const Settings& settings, ErrorSink& error) = 0;
  virtual Code start(ErrorSink&) { return Code::ok; }  // [called once, may block]
  virtual void drain() {}  // no new door calls come after it returns [called once]
  virtual void stop() {}   // every call has returned [called once, may block]
  /// The door of that id ("recipient/1"), or null. The glue answers from the base classes; no need to
  /// override.
  virtual void* door(std::string_view) { return nullptr; }
};

}  // namespace postern
