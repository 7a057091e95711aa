// A plugin that does nothing, for what is wrong outside its code.
#include "postern/glue.hpp"

namespace {

class Plain final : public postern::Plugin {
 public:
  postern::Code configure(postern::Host&, const postern::Settings&, postern::ErrorSink&) override {
    return postern::Code::ok;
  }
};

}  // namespace

POSTERN_PLUGIN(Plain);
