// Faults: how a fake service is told to fail, so that a plugin's error paths are tested as easily as its
// happy ones.
//
//   host.links.fail_next(Code::unavailable);   // the next call, then all is well again
//   host.audit.fail_at(2, Code::internal);     // the third call from now
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "postern/code.hpp"
#include "postern/database.hpp"

namespace postern::testing {

/// [any thread, concurrent]
class Faults {
 public:
  explicit Faults(std::string_view service) : service_(service) {}

  void fail_next(Code code) { fail_at(0, code); }
  /// `later` calls work before the one that fails.
  void fail_at(int later, Code code) {
    std::lock_guard lock(mutex_);
    at_ = calls_ + later;
    code_ = code;
  }
  void fail_no_more() {
    std::lock_guard lock(mutex_);
    at_.reset();
  }
  /// Calls so far, failed ones included.
  int calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }
  /// True when a fault that was asked for has happened.
  bool struck() const {
    std::lock_guard lock(mutex_);
    return struck_;
  }
  std::string_view service() const { return service_; }

 protected:
  ~Faults() = default;
  /// Each call of the fake begins with this; anything but ok is its answer.
  Code strike(ErrorSink& error) {
    std::lock_guard lock(mutex_);
    bool now = at_ == calls_++;
    if (!now) return Code::ok;
    at_.reset();
    struck_ = true;
    error.error(code_, std::string(service_) + " was told to fail", {});
    return code_;
  }

 private:
  std::string_view service_;
  mutable std::mutex mutex_;
  int calls_ = 0;
  std::optional<int> at_;
  Code code_ = Code::ok;
  bool struck_ = false;
};

/// Answers a failure and says why.
inline Code fail(ErrorSink& error, Code code, std::string_view message, std::string_view field = {}) {
  error.error(code, message, field);
  return code;
}

}  // namespace postern::testing
