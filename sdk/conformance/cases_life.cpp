// Cases about a plugin's life: coming, going, and going while it works.
#include <malloc.h>

#include <atomic>
#include <thread>

#include "sdk/conformance/cases.hpp"

namespace postern::conformance {

namespace {

/// The first route that only looks, to call again and again.
const plugins::Route* a_get(const plugins::Manifest& manifest) {
  for (const auto& route : manifest.routes) {
    if (route.method == "GET" && route.pattern.find('{') == std::string::npos) return &route;
  }
  return nullptr;
}

Verdict live_once(const std::shared_ptr<plugins::Library>& library) {
  Firm firm(library);
  return firm.start();
}

}  // namespace

Verdict lives_a_hundred_times(const std::string& path) {
  constexpr std::size_t kSlack = 16 * 1024;  // bytes: the allocator's own bookkeeping
  auto library = load(path);
  for (int i = 0; i < 10; ++i) {
    if (auto wrong = live_once(library); !wrong.empty()) return wrong;
  }
  // What leaks leaks in every hundred; what the allocator keeps for later it keeps once.
  std::size_t grown = 0;
  for (int batch = 0; batch < 3; ++batch) {
    const auto before = mallinfo2().uordblks;
    for (int i = 0; i < 100; ++i) {
      if (auto wrong = live_once(library); !wrong.empty()) return wrong;
    }
    const auto after = mallinfo2().uordblks;
    if (after <= before + kSlack) return {};
    grown = after - before;
  }
  return "100 lives leave " + std::to_string(grown) +
         " bytes behind; give back in stop() and the destructor what start() took";
}

Verdict instances_are_apart(const std::string& path) {
  auto library = load(path);
  const auto* route = a_get(library->manifest());
  Firm first(library), second(library);
  for (auto* firm : {&first, &second}) {
    if (auto wrong = firm->start(); !wrong.empty()) return wrong;
  }
  first.populate();
  if (!second.host.links.all.empty() || !second.host.audit.lines.empty() ||
      !second.host.notifier.messages.empty()) {
    return "a call to one firm's instance reached another firm's services; keep no state outside the "
           "plugin's class";
  }
  first.instance.reset();
  if (route == nullptr) return {};
  auto answer = second.call(*route, {.route = route->id});
  if (threw(answer) || answer.code == Code::unavailable) {
    return "after one firm's instance stopped, the other's does not answer: " + answer.error.message;
  }
  return {};
}

Verdict services_withheld(const std::string& path) {
  auto library = load(path);
  for (const auto& need : library->manifest().needs) {
    if (need == Log::kId) continue;
    Firm firm(library);
    firm.host.withheld.insert(need);
    auto wrong = firm.start();
    if (wrong.find(kThrew) != std::string::npos) {
      return "without " + need + " it throws instead of refusing: " + wrong +
             "; use services.require() in setup()";
    }
    if (!wrong.empty()) continue;
    for (const auto& route : library->manifest().routes) {
      auto answer = firm.call(route, calls(*library, route).front());
      if (threw(answer))
        return "it starts without " + need + " and then " + answer.error.message +
               "; take it out of needs or require it";
    }
  }
  return {};
}

Verdict stops_while_busy(const std::string& path) {
  auto library = load(path);
  const auto* route = a_get(library->manifest());
  if (route == nullptr) return {};
  Firm firm(library);
  if (auto wrong = firm.start(); !wrong.empty()) return wrong;
  firm.populate();
  std::atomic<int> calls{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (firm.call(*route, {.route = route->id}).code != Code::unavailable) ++calls;
    });
  }
  while (calls < 20) std::this_thread::yield();
  bool drained = firm.instance->drain(std::chrono::seconds(30));
  for (auto& caller : callers) caller.join();
  return drained ? "" : "calls were still running 30 s after drain()";
}

}  // namespace postern::conformance
