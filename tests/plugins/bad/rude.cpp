// Loads, but breaks one rule that the conformance kit looks after.
#include <chrono>
#include <thread>
#include <vector>

#include "postern/comfort.hpp"
#include "postern/glue.hpp"

namespace {

using namespace postern;

#ifdef RUDE_SLOW
const bool slow = [] {
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  return true;
}();
#endif

#ifdef RUDE_THREAD
const bool busy = [] {
  std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(5)); }).detach();
  return true;
}();
#endif

#ifdef RUDE_SHARED
std::vector<Use<Audit>> everybodys;
#endif

class Rude final : public Action<Rude> {
 public:
#ifdef RUDE_NO_HANDLER
  static constexpr auto routes() { return std::array{on("view", &Rude::view), on("make", &Rude::make)}; }
#else
  static constexpr auto routes() {
    return std::array{on("view", &Rude::view), on("more", &Rude::view), on("make", &Rude::make)};
  }
#endif

  Result<void> setup(Services& services, [[maybe_unused]] const Settings& settings) override {
#ifdef RUDE_LEAK
    new std::vector<char>(1000);
#endif
#ifdef RUDE_UNDECLARED
    settings.text("nobody_declared_this");
#endif
    audit_ = services.find<Audit>();
#ifdef RUDE_SHARED
    everybodys.push_back(audit_);
#endif
#ifdef RUDE_WITHHELD
    return {};
#else
    return services.require(audit_);
#endif
  }

  Result<void> view([[maybe_unused]] RecipientContext& c) {
#ifdef RUDE_GET
    POSTERN_CHECK(audit_.append(c.tx, "bad.seen", "x"));
#endif
#ifdef RUDE_LOST_PAGE
    c.page("nowhere.html");
#endif
    return {};
  }

  Result<void> make(StaffContext& c) {
#if defined(RUDE_SHARED)
    for (auto& audit : everybodys) POSTERN_CHECK(audit.append(c.tx, "bad.made", "x"));
#elif defined(RUDE_CARELESS)
    (void)audit_.append(c.tx, "bad.made", "x").ok();
#else
    POSTERN_CHECK(audit_.append(c.tx, "bad.made", "x"));
#endif
    c.nothing();
    return {};
  }

 private:
  Use<Audit> audit_;
};

}  // namespace

POSTERN_PLUGIN(Rude);
