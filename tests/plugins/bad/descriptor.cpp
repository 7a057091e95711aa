// A descriptor with one field that is wrong, as another compiler, another SDK or another project would write
// it.
#include "postern/glue.hpp"

namespace {

class Plain final : public postern::Plugin {
 public:
  postern::Code configure(postern::Host&, const postern::Settings&, postern::ErrorSink&) override {
    return postern::Code::ok;
  }
};

constexpr postern::abi::Descriptor wrong() {
  auto descriptor = postern::detail::describe<Plain>(POSTERN_PLUGIN_ID, POSTERN_PLUGIN_VERSION);
  postern::abi::detail::copy_text(descriptor.tag.compiler, "g++ 99");
#if defined(BAD_MAGIC)
  descriptor.magic[0] = 'X';
#elif defined(BAD_ABI)
  descriptor.abi = 7;
#elif defined(BAD_STRINGS)
  descriptor.tag.cxx11_abi = 0;
#elif defined(BAD_VECTOR)
  descriptor.tag.size_of_vector = 56;
#elif defined(BAD_LIBSTDCXX)
  descriptor.tag.libstdcxx = 99;
#elif defined(BAD_SIZE)
  descriptor.size = 16;
#elif defined(BAD_STEP)
  descriptor.stop = nullptr;
#endif
  return descriptor;
}

}  // namespace

extern "C" {
[[gnu::visibility("default")]] extern const postern::abi::Descriptor postern_plugin;
constinit const postern::abi::Descriptor postern_plugin = wrong();
}
