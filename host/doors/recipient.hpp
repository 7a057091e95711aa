// The recipient door: someone holds a link. The token is proved here, before any plugin code runs.
#pragma once

#include <memory>

#include "host/doors/doors.hpp"

namespace postern::doors {

/// Takes a request whose path begins with "/l/". [reactor threads]
std::unique_ptr<http::Exchange> recipient(Entrance& entrance, log::Logger& logger, http::RequestHead head);

}  // namespace postern::doors
