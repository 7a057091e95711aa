// The glue between a plugin and its host, compiled into the plugin: POSTERN_PLUGIN(T) exports the descriptor,
// and every call of the host passes the fence here, so that an exception never leaves the library that knows
// its type.
//
// Include it in the one source file that has POSTERN_PLUGIN. The id and version come from manifest.yaml,
// through postern_add_plugin().
#pragma once

#include <concepts>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

#include "postern/abi.hpp"
#include "postern/door.hpp"
#include "postern/plugin.hpp"

namespace postern {

/// What the fence puts in front of an exception's text. The host writes it to the log and answers with a
/// reference number.
constexpr std::string_view kThrew = "threw: ";

namespace detail {

inline void report(ErrorSink& error, const char* what) noexcept {
  try {
    error.error(Code::internal, std::string(kThrew) + what, {});
  } catch (...) {  // no memory for the sentence
    error.error(Code::internal, kThrew, {});
  }
}

/// Runs `call`; an exception becomes Code::internal with its text in `error`.
template <class F>
Code fenced(ErrorSink& error, F&& call) noexcept {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      call();
      return Code::ok;
    } else {
      return call();
    }
  } catch (const std::exception& exception) {
    report(error, exception.what());
  } catch (...) {
    report(error, "something that is not a std::exception");
  }
  return Code::internal;
}

}  // namespace detail

/// The steps of the descriptor for the plugin T. A static member of a template each, since g++ 12 rejects
/// local variables in a lambda inside a brace-less extern "C" initialiser.
template <std::derived_from<Plugin> T>
class Glue {
 public:
  static void* create(ErrorSink* error) noexcept {
    void* made = nullptr;
    detail::fenced(*error, [&] { made = new Instance(); });
    return made;
  }

  static std::int32_t configure(void* plugin, Host* host, const Settings* settings,
                                ErrorSink* error) noexcept {
    return number(
        detail::fenced(*error, [&] { return of(plugin).plugin.configure(*host, *settings, *error); }));
  }

  static std::int32_t start(void* plugin, ErrorSink* error) noexcept {
    return number(detail::fenced(*error, [&] { return of(plugin).plugin.start(*error); }));
  }

  /// The base classes say which doors are open.
  static void* door(void* plugin, const char* id) noexcept {
    auto& instance = of(plugin);
    if constexpr (std::derived_from<T, RecipientDoor>) {
      if (RecipientDoor::kId == id) return static_cast<RecipientDoor*>(&instance.recipient);
    }
    if constexpr (std::derived_from<T, StaffDoor>) {
      if (StaffDoor::kId == id) return static_cast<StaffDoor*>(&instance.staff);
    }
    return nullptr;
  }

  static std::int32_t drain(void* plugin, ErrorSink* error) noexcept {
    return number(detail::fenced(*error, [&] { of(plugin).plugin.drain(); }));
  }

  static std::int32_t stop(void* plugin, ErrorSink* error) noexcept {
    return number(detail::fenced(*error, [&] { of(plugin).plugin.stop(); }));
  }

  /// A destructor that throws ends the process: it is noexcept by the language's default.
  static void destroy(void* plugin) noexcept { delete &of(plugin); }

 private:
  struct Closed {
    explicit Closed(Plugin&) {}
  };

  class RecipientFence final : public RecipientDoor {
   public:
    explicit RecipientFence(RecipientDoor& door) : door_(door) {}
    Code recipient(const Request& request, const Grant& grant, Response& response,
                   ErrorSink& error) override {
      return detail::fenced(error, [&] { return door_.recipient(request, grant, response, error); });
    }

   private:
    RecipientDoor& door_;
  };

  class StaffFence final : public StaffDoor {
   public:
    explicit StaffFence(StaffDoor& door) : door_(door) {}
    Code staff(const Request& request, const Member& member, Response& response, ErrorSink& error) override {
      return detail::fenced(error, [&] { return door_.staff(request, member, response, error); });
    }

   private:
    StaffDoor& door_;
  };

  struct Instance {
    T plugin;
    [[no_unique_address]] std::conditional_t<std::derived_from<T, RecipientDoor>, RecipientFence, Closed>
        recipient{plugin};
    [[no_unique_address]] std::conditional_t<std::derived_from<T, StaffDoor>, StaffFence, Closed> staff{
        plugin};
  };

  static Instance& of(void* plugin) noexcept { return *static_cast<Instance*>(plugin); }
  static std::int32_t number(Code code) noexcept { return static_cast<std::int32_t>(code); }
};

namespace detail {

template <class T, std::size_t I, std::size_t V>
constexpr abi::Descriptor describe(const char (&id)[I], const char (&version)[V]) {
  static_assert(I <= sizeof(abi::Descriptor::id), "the id in manifest.yaml is longer than 39 characters");
  static_assert(V <= sizeof(abi::Descriptor::version),
                "the version in manifest.yaml is longer than 31 characters");
  abi::Descriptor descriptor{};
  for (std::size_t i = 0; i < sizeof abi::kMagic; ++i) descriptor.magic[i] = abi::kMagic[i];
  descriptor.abi = abi::kAbi;
  descriptor.size = sizeof(abi::Descriptor);
  descriptor.tag = abi::this_toolchain();
  abi::detail::copy_text(descriptor.id, id);
  abi::detail::copy_text(descriptor.version, version);
  descriptor.create = &Glue<T>::create;
  descriptor.configure = &Glue<T>::configure;
  descriptor.start = &Glue<T>::start;
  descriptor.door = &Glue<T>::door;
  descriptor.drain = &Glue<T>::drain;
  descriptor.stop = &Glue<T>::stop;
  descriptor.destroy = &Glue<T>::destroy;
  return descriptor;
}

}  // namespace detail

}  // namespace postern

/// Exports the plugin class T. Once in a plugin, outside any namespace.
#define POSTERN_PLUGIN(T)                                                                \
  extern "C" {                                                                           \
  [[gnu::visibility("default")]] extern const ::postern::abi::Descriptor postern_plugin; \
  [[gnu::used]] constinit const ::postern::abi::Descriptor postern_plugin =              \
      ::postern::detail::describe<T>(POSTERN_PLUGIN_ID, POSTERN_PLUGIN_VERSION);         \
  }                                                                                      \
  static_assert(true, "a semicolon may follow")
