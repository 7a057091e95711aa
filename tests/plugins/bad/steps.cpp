// Fails in one step of its life. Says in the log what was called, so that a test sees what happened after the
// failure.
#include <stdexcept>

#include "postern/glue.hpp"
#include "postern/services.hpp"

namespace {

using namespace postern;

class Steps final : public Plugin, public RecipientDoor {
 public:
  Steps() {
#ifdef THROWS_IN_CREATE
    throw std::runtime_error("no luck in create");
#endif
  }

  Code configure(Host& host, const Settings&, ErrorSink&) override {
    log_ = Services(host).find<Log>();
    log_.info("configure");
#ifdef THROWS_IN_CONFIGURE
    throw std::runtime_error("no luck in configure");
#else
    return Code::ok;
#endif
  }

  Code start([[maybe_unused]] ErrorSink& error) override {
    log_.info("start");
#if defined(THROWS_IN_START)
    throw std::runtime_error("no luck in start");
#elif defined(THROWS_INT_IN_START)
    throw 42;
#elif defined(FAILS_IN_START)
    error.error(Code::unavailable, "the provider does not answer; try again later", {});
    return Code::unavailable;
#elif defined(FAILS_SILENTLY)
    return Code::conflict;
#else
    return Code::ok;
#endif
  }

  Code recipient(const Request&, const Grant&, Response& response, ErrorSink&) override {
#if defined(THROWS_IN_DOOR)
    throw std::runtime_error("the secret is 1234");
#elif defined(WAITS_IN_DOOR)
    log_.info("inside");  // the test's log holds us here
#endif
    response.body("text/plain", "done");
    return Code::ok;
  }

  void drain() override { log_.info("drain"); }
  void stop() override { log_.info("stop"); }

 private:
  Use<Log> log_;
};

#ifdef THROWS_PAST_THE_GLUE
/// A door of one's own making, without the fence of the glue.
class Bare final : public RecipientDoor {
 public:
  Code recipient(const Request&, const Grant&, Response&, ErrorSink&) override {
    throw std::runtime_error("past the glue");
  }
};

void* bare_door(void*, const char* id) noexcept {
  static Bare bare;
  return RecipientDoor::kId == id ? static_cast<RecipientDoor*>(&bare) : nullptr;
}

constexpr abi::Descriptor with_bare_door() {
  auto descriptor = detail::describe<Steps>(POSTERN_PLUGIN_ID, POSTERN_PLUGIN_VERSION);
  descriptor.door = &bare_door;
  return descriptor;
}
#endif

}  // namespace

#ifdef THROWS_PAST_THE_GLUE
extern "C" {
[[gnu::visibility("default")]] extern const postern::abi::Descriptor postern_plugin;
constinit const postern::abi::Descriptor postern_plugin = with_bare_door();
}
#else
POSTERN_PLUGIN(Steps);
#endif
