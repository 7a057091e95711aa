// Loading in the order of library.hpp: each "no" comes before anything of the plugin has run.
#include "host/plugins/library.hpp"

#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <mutex>

#include "host/crypto/crypto.hpp"
#include "host/plugins/loaded.hpp"
#include "host/plugins/note.hpp"
#include "host/plugins/place.hpp"

namespace postern::plugins {

namespace {

/// Every refusal is one sentence: plugin's file, what differs, what to do.
Error refuse(const std::string& path, Error error) {
  error.message = "refused " + file_name(path) + ": " + error.message;
  return error;
}

std::string toolchain(const abi::Tag& tag) {
  return std::string(text_of(tag.compiler)) + ", libstdc++ " + std::to_string(tag.libstdcxx) +
         ", CXX11 ABI " + std::to_string(tag.cxx11_abi);
}

/// What is wrong between the descriptor and the manifest that came with it; empty: nothing.
std::string compare(const abi::Descriptor& descriptor, const Manifest& manifest) {
  if (text_of(descriptor.id) != manifest.id) {
    return "its descriptor has the id " + std::string(text_of(descriptor.id)) + ", its manifest " +
           manifest.id + "; rebuild it with postern_add_plugin()";
  }
  if (text_of(descriptor.version) != manifest.version) {
    return "its descriptor has the version " + std::string(text_of(descriptor.version)) + ", its manifest " +
           manifest.version + "; rebuild it with postern_add_plugin()";
  }
  return {};
}

std::string unknown_need(const Manifest& manifest) {
  const auto& known = known_services();
  for (const auto& need : manifest.needs) {
    if (std::find(known.begin(), known.end(), need) != known.end()) continue;
    std::string offered;
    for (const auto& service : known) offered += (offered.empty() ? "" : ", ") + service;
    return "it needs " + need + ", this host offers " + offered +
           "; take it out of needs or upgrade the host";
  }
  return {};
}

struct Read {
  Inspection inspection;
  abi::Descriptor descriptor{};
};

Result<Read> read(const SealedFile& file, const std::string& path) {
  POSTERN_TRY(auto note, read_note(file.bytes()));
  auto manifest = Manifest::parse(note.manifest, "manifest.yaml");
  if (!manifest.ok()) {
    bool several = manifest.error().message.find('\n') != std::string::npos;
    return {Code::invalid,
            (several ? "its manifest is wrong:\n" : "its manifest is wrong: ") + manifest.error().message};
  }
  Read read;
  read.descriptor = note.descriptor;
  auto& inspection = read.inspection;
  inspection.manifest = *std::move(manifest);
  inspection.files = std::move(note.files);
  inspection.path = path;
  inspection.sha256 = crypto::hex(crypto::sha256(file.bytes()));
  inspection.abi = note.descriptor.abi;
  inspection.toolchain = note.descriptor.abi == 0 ? "" : toolchain(note.descriptor.tag);
  inspection.refusal = note.fault;
  if (inspection.refusal.empty()) inspection.refusal = compare(note.descriptor, inspection.manifest);
  if (inspection.refusal.empty()) inspection.refusal = unknown_need(inspection.manifest);
  return read;
}

/// Keeps the code mapped until the process ends: unloading under threads, timers and statics is how other
/// hosts crash. Never destroyed, so that no destructor of a static runs after the code it needs is gone.
const boost::dll::shared_library& keep(boost::dll::shared_library library) {
  static std::mutex& mutex = *new std::mutex();
  static auto& kept = *new std::vector<std::unique_ptr<boost::dll::shared_library>>();
  std::lock_guard lock(mutex);
  return *kept.emplace_back(std::make_unique<boost::dll::shared_library>(std::move(library)));
}

/// What the loader said, without its own path, which is a number in /proc.
std::string loader_message(const std::string& text, const std::string& path) {
  constexpr std::string_view kUndefined = "undefined symbol: ";
  if (auto at = text.find(kUndefined); at != std::string::npos) {
    auto name = text.substr(at + kUndefined.size());
    name = name.substr(0, name.find_first_of(" )]\n,"));
    return "it needs the symbol " + name +
           ", which neither it nor this host has; link it with -Wl,-z,defs, as postern_add_plugin() does, to "
           "see what is missing";
  }
  auto at = text.find(path);
  auto said = at == std::string::npos ? text : text.substr(at + path.size());
  while (said.starts_with(':') || said.starts_with(' ')) said.erase(0, 1);
  if (auto end = said.find_first_of("\n["); end != std::string::npos) said.erase(end);
  while (said.ends_with(' ') || said.ends_with(':')) said.pop_back();
  return "the system's loader does not take it: " + said + "; install what it needs or build it again";
}

Result<const abi::Descriptor*> load_code(SealedFile& file, const abi::Descriptor& expected) {
  auto path = file.keep_for_loading();
  boost::dll::shared_library library;
  try {
    library.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failure) {
    return {Code::invalid, loader_message(failure.what(), path)};
  }
  const auto& kept = keep(std::move(library));
  const auto* found = &kept.get<const abi::Descriptor>(abi::kSymbol);
  if (std::memcmp(found, &expected, abi::kPlainSize) != 0) {
    return {Code::invalid,
            "its descriptor changed while it was loaded; rebuild it with postern_add_plugin()"};
  }
  bool whole = found->create != nullptr && found->configure != nullptr && found->start != nullptr &&
               found->door != nullptr && found->drain != nullptr && found->stop != nullptr &&
               found->destroy != nullptr;
  if (!whole)
    return {Code::invalid,
            "its descriptor lacks a step of the lifecycle; export it with POSTERN_PLUGIN(...)"};
  return found;
}

}  // namespace

Result<Inspection> inspect(const std::string& path) {
  auto file = SealedFile::read("", std::filesystem::absolute(path).string());
  if (!file.ok()) return refuse(path, std::move(file).error());
  auto found = read(**file, path);
  if (!found.ok()) return refuse(path, std::move(found).error());
  return std::move(found->inspection);
}

Result<std::shared_ptr<Library>> Library::load(const std::string& folder, const std::string& path) {
  auto file = SealedFile::read(folder, path);
  if (!file.ok()) return refuse(path, std::move(file).error());
  auto found = read(**file, path);
  if (!found.ok()) return refuse(path, std::move(found).error());
  if (!found->inspection.refusal.empty()) return refuse(path, {Code::invalid, found->inspection.refusal, {}});
  auto descriptor = load_code(**file, found->descriptor);
  if (!descriptor.ok()) return refuse(path, std::move(descriptor).error());
  return std::shared_ptr<Library>(
      std::make_shared<LoadedLibrary>(std::move(found->inspection), **descriptor));
}

}  // namespace postern::plugins
