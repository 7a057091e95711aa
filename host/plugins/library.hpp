// Finding, checking and loading plugin libraries, and one firm's instances of them. The only room that knows
// Boost.DLL.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugins/manifest.hpp"
#include "postern/door.hpp"
#include "postern/plugin.hpp"

namespace postern::plugins {

/// What can be read from a plugin's file without running it.
struct Inspection {
  Manifest manifest;
  std::map<std::string, std::string> files;  // embedded: pages/…, messages/…, schema.sql, openapi.yaml, web/…
  std::string path;
  std::string sha256;  // of the whole file, hex
  std::uint32_t abi = 0;
  std::string toolchain;  // "g++ 12.2.0, libstdc++ 12, CXX11 ABI 1"; from its descriptor
  std::string refusal;    // why load() would refuse it for what it is; empty: it would not
};

/// Reads `path` once and parses note and files; runs nothing of it. Safe on a stranger's file. A refusal is
/// one sentence: plugin, file, what differs (theirs, ours), what to do. [any thread, may block] A file whose
/// manifest can be read, but that does not fit this host, is described all the same: see `refusal`.
Result<Inspection> inspect(const std::string& path);

/// An inspection for people, and as JSON. `postern plugin inspect FILE` prints it. [any thread]
std::string describe(const Inspection& inspection);
std::string describe_json(const Inspection& inspection);

/// The services this host offers by id and revision; "log/1" is granted to every plugin. [any thread]
const std::vector<std::string>& known_services();

/// Step 6: everything the plugin needs is in the firm's `allow`. One sentence naming what is missing. [any
/// thread]
Result<void> check_grants(const Manifest& manifest, const std::vector<std::string>& allow);

/// Step 6: no two of a firm's plugins answer the same paths, which are told apart by plugin id. [any thread]
Result<void> check_together(const std::vector<const Manifest*>& manifests);

/// The code of one plugin, mapped for the life of the process.
class Library {
 public:
  /// Steps 1, 2, 4, 7 and 8 of the loading order: place and owner of file and folder, sealed memfd, note,
  /// load, descriptor equals note. `folder`: the configured plugin folder. [main thread]
  static Result<std::shared_ptr<Library>> load(const std::string& folder, const std::string& path);
  virtual ~Library() = default;
  virtual const Inspection& inspection() const = 0;
  const Manifest& manifest() const { return inspection().manifest; }
};

/// One firm's instance of a plugin. Doors are called through a lease; drain() waits until the last one is
/// given back.
class Instance {
 public:
  /// create, configure, start. `host` and `settings` outlive the instance. On failure everything is undone,
  /// stop included. [main thread]
  static Result<std::unique_ptr<Instance>> start(std::shared_ptr<Library> library, Host& host,
                                                 const Settings& settings);
  /// Drains and stops if that was not done. Waits for running calls without a deadline: who cannot wait ends
  /// the process.
  virtual ~Instance() = default;

  virtual const Inspection& inspection() const = 0;
  const Manifest& manifest() const { return inspection().manifest; }
  virtual bool has(Door door) const = 0;
  /// The doors, fenced: a throwing plugin gives Code::internal, its text goes to `error` for the log only.
  /// Code::unavailable while draining. [any thread, concurrent]
  virtual Code recipient(const Request& request, const Grant& grant, Response& response,
                         ErrorSink& error) noexcept = 0;
  virtual Code staff(const Request& request, const Member& member, Response& response,
                     ErrorSink& error) noexcept = 0;
  /// No new calls; waits for running ones up to the deadline. True when none is left. Then stop() and
  /// destroy.
  virtual bool drain(std::chrono::milliseconds deadline) = 0;
};

}  // namespace postern::plugins
