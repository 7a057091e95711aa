// The real clock. main owns the only one.
#pragma once

#include <chrono>

#include "postern/clock.hpp"

namespace postern::firm {

class SystemClock final : public Clock {
 public:
  Timestamp now() const noexcept override {
    using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
  }
};

}  // namespace postern::firm
