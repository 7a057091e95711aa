// The wiring of the plugin share.
#include "postern/glue.hpp"
#include "share.hpp"

POSTERN_PLUGIN(postern::share::SharePlugin);
