// One firm's instance of a plugin: its life, the leases of its doors, and the host's own fence around the
// plugin's.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "host/plugins/loaded.hpp"
#include "postern/glue.hpp"
#include "postern/rows.hpp"

namespace postern::plugins {

namespace {

/// Running calls, and whether new ones may begin. One atomic addition on the way in and one on the way out.
class Leases {
 public:
  bool take() noexcept {
    if ((state_.fetch_add(1, std::memory_order_acquire) & kClosed) == 0) return true;
    give_back();
    return false;
  }

  void give_back() noexcept {
    auto now = state_.load(std::memory_order_relaxed);
    while ((now & kClosed) == 0) {
      if (state_.compare_exchange_weak(now, now - 1, std::memory_order_release, std::memory_order_relaxed))
        return;
    }
    // Closed: somebody may be waiting to destroy this object, so the last look at it is under the mutex.
    std::lock_guard lock(mutex_);
    state_.fetch_sub(1, std::memory_order_acq_rel);
    none_.notify_all();
  }

  void close() noexcept { state_.fetch_or(kClosed, std::memory_order_acq_rel); }

  /// True when no call is left. After close().
  bool wait(std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, deadline, [this] { return none_left(); });
  }
  void wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return none_left(); });
  }

 private:
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;
  bool none_left() const { return state_.load(std::memory_order_acquire) == kClosed; }

  std::atomic<std::uint64_t> state_{0};
  std::mutex mutex_;
  std::condition_variable none_;
};

/// Hands a message on and remembers that there was one.
class Counted final : public ErrorSink {
 public:
  explicit Counted(ErrorSink& to) : to_(to) {}
  void error(Code code, std::string_view message, std::string_view field) noexcept override {
    said_ = true;
    to_.error(code, message, field);
  }
  bool said() const { return said_; }

 private:
  ErrorSink& to_;
  bool said_ = false;
};

Code code_of(std::int32_t number) {
  bool known = number >= 0 && number <= static_cast<std::int32_t>(Code::unprocessable);
  return known ? static_cast<Code>(number) : Code::internal;
}

class LoadedInstance final : public Instance {
 public:
  explicit LoadedInstance(std::shared_ptr<LoadedLibrary> library)
      : library_(std::move(library)), steps_(library_->descriptor()) {}
  LoadedInstance(const LoadedInstance&) = delete;
  LoadedInstance& operator=(const LoadedInstance&) = delete;

  ~LoadedInstance() override {
    if (plugin_ == nullptr) return;
    close();
    leases_.wait();
    finish();
  }

  Result<void> bring_up(Host& host, const Settings& settings) {
    KeptError error;
    plugin_ = steps_.create(&error);
    if (plugin_ == nullptr) return refused("create", error.take(Code::internal));
    POSTERN_CHECK(open_doors());
    if (Code code = code_of(steps_.configure(plugin_, &host, &settings, &error)); code != Code::ok) {
      return refused("configure", error.take(code));
    }
    started_ = true;  // from here on stop() is owed, whatever start() answers
    if (Code code = code_of(steps_.start(plugin_, &error)); code != Code::ok) {
      return refused("start", error.take(code));
    }
    return {};
  }

  const Inspection& inspection() const override { return library_->inspection(); }
  bool has(Door door) const override {
    return door == Door::recipient ? recipient_ != nullptr : staff_ != nullptr;
  }

  Code recipient(const Request& request, const Grant& grant, Response& response,
                 ErrorSink& error) noexcept override {
    return call(recipient_, error, [&](RecipientDoor& door, ErrorSink& counted) {
      return door.recipient(request, grant, response, counted);
    });
  }

  Code staff(const Request& request, const Member& member, Response& response,
             ErrorSink& error) noexcept override {
    return call(staff_, error, [&](StaffDoor& door, ErrorSink& counted) {
      return door.staff(request, member, response, counted);
    });
  }

  bool drain(std::chrono::milliseconds deadline) override {
    if (plugin_ == nullptr) return true;
    close();
    if (!leases_.wait(deadline)) return false;
    finish();
    return true;
  }

 private:
  Error refused(std::string_view step, Error error) const {
    if (error.message.empty()) error.message = "it failed without saying why, which is a bug of the plugin";
    error.message = "refused " + manifest().id + ": " + std::string(step) + ": " + error.message;
    return error;
  }

  Result<void> open_doors() {
    recipient_ = static_cast<RecipientDoor*>(steps_.door(plugin_, RecipientDoor::kId.data()));
    staff_ = static_cast<StaffDoor*>(steps_.door(plugin_, StaffDoor::kId.data()));
    for (const auto& route : manifest().routes) {
      if (has(route.door)) continue;
      bool staff = route.door == Door::staff;
      return {Code::invalid, "refused " + manifest().id + ": its manifest has the " +
                                 (staff ? "staff" : "recipient") + " route " + route.id +
                                 ", but the plugin does not open that door; derive it from " +
                                 (staff ? "StaffDoor" : "RecipientDoor")};
    }
    return {};
  }

  /// The plugin fences itself; this is the belt for one that was not built with our glue.
  template <class D, class F>
  Code call(D* door, ErrorSink& error, F&& body) noexcept {
    if (door == nullptr) {
      error.error(Code::not_found, "the plugin does not open this door", {});
      return Code::not_found;
    }
    if (!leases_.take()) {
      error.error(Code::unavailable, "this part is being stopped; try again in a moment", {});
      return Code::unavailable;
    }
    Counted counted(error);
    Code code = Code::internal;
    try {
      code = code_of(static_cast<std::int32_t>(body(*door, counted)));
    } catch (const std::exception& exception) {
      counted.error(Code::internal, std::string(kThrew) + exception.what(), {});
    } catch (...) {
      counted.error(Code::internal, "threw: something that is not a std::exception", {});
    }
    if (code != Code::ok && !counted.said()) error.error(code, "the plugin failed without saying why", {});
    leases_.give_back();
    return code;
  }

  void close() {
    leases_.close();
    if (!started_ || std::exchange(drained_, true)) return;
    KeptError ignored;  // there is nobody left to tell
    steps_.drain(plugin_, &ignored);
  }

  void finish() {
    KeptError ignored;
    if (started_) steps_.stop(plugin_, &ignored);
    steps_.destroy(std::exchange(plugin_, nullptr));
  }

  std::shared_ptr<LoadedLibrary> library_;
  const abi::Descriptor& steps_;
  void* plugin_ = nullptr;
  RecipientDoor* recipient_ = nullptr;
  StaffDoor* staff_ = nullptr;
  bool started_ = false;
  bool drained_ = false;
  Leases leases_;
};

}  // namespace

Result<std::unique_ptr<Instance>> Instance::start(std::shared_ptr<Library> library, Host& host,
                                                  const Settings& settings) {
  // Library::load makes no other kind.
  auto instance =
      std::make_unique<LoadedInstance>(std::static_pointer_cast<LoadedLibrary>(std::move(library)));
  POSTERN_CHECK(instance->bring_up(host, settings));
  return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace postern::plugins
