// What a plugin's file offers to others, or misses, when it is built without postern_add_plugin().
#include "postern/glue.hpp"

#ifdef UNIQUE
/// A static of an inline function that is visible: g++ makes it unique in the process.
template <class T>
[[gnu::visibility("default")]] inline T& shared_by_all() {
  static T value{};
  return value;
}
#endif

#ifdef SECOND_EXPORT
extern "C" [[gnu::visibility("default")]] int helper() { return 1; }
#endif

#ifdef UNDEFINED
extern "C" int nobody_defines_this();
#endif

namespace {

class Plain final : public postern::Plugin {
 public:
  postern::Code configure(postern::Host&, const postern::Settings&, postern::ErrorSink&) override {
#ifdef UNDEFINED
    return static_cast<postern::Code>(nobody_defines_this());
#elif defined(UNIQUE)
    return static_cast<postern::Code>(shared_by_all<int>());
#else
    return postern::Code::ok;
#endif
  }
};

}  // namespace

#ifdef NO_EXPORT
[[gnu::used]] static constinit const auto hidden =
    postern::detail::describe<Plain>(POSTERN_PLUGIN_ID, POSTERN_PLUGIN_VERSION);
#else
POSTERN_PLUGIN(Plain);
#endif
