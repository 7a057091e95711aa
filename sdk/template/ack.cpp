// "I have read this": staff ask a recipient to read a notice, the recipient presses one button, and the firm
// can prove it.
#include "ack.hpp"

#include <postern/glue.hpp>

POSTERN_PLUGIN(ack::Ack);
