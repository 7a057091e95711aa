// Cases about the doors: right requests, hostile ones, and services that fail.
#include <thread>

#include "sdk/conformance/cases.hpp"

namespace postern::conformance {

namespace {

using plugins::Route;
using testing::Answer;

/// The services whose failure a change must not survive.
Verdict fail_each(const std::shared_ptr<plugins::Library>& library, const Route& route, std::size_t service) {
  constexpr int kMostCalls = 200;
  for (int later = 0; later < kMostCalls; ++later) {
    Firm firm(library);
    if (auto wrong = firm.start(); !wrong.empty()) return wrong;
    firm.populate();
    auto& faults = *firm.host.faults()[service];
    faults.fail_at(later, Code::unavailable);
    auto answer = firm.call(route, calls(*library, route).front());
    if (!faults.struck()) return {};
    std::string where = name(library->manifest(), route) + ", when call " + std::to_string(later + 1) +
                        " of " + std::string(faults.service()) + " fails";
    if (threw(answer)) return where + ", throws: " + answer.error.message;
    if (!answer.ok() && answer.error.message.empty()) return where + ", fails without a word";
    if (route.method != "GET" && answer.committed()) {
      return where + ", answers " + std::to_string(answer.status) +
             " as if it had worked; hand the failure on";
    }
  }
  return {};
}

Verdict no_exception(const plugins::Library& library, const Route& route, const Answer& answer) {
  if (threw(answer)) return name(library.manifest(), route) + " throws: " + answer.error.message;
  return {};
}

}  // namespace

Verdict routes_have_handlers(const std::string& path) {
  auto library = load(path);
  Firm firm(library);
  if (auto wrong = firm.start(); !wrong.empty()) return wrong;
  firm.populate();
  for (const auto& route : library->manifest().routes) {
    auto answer = firm.call(route, calls(*library, route).front());
    if (auto wrong = no_exception(*library, route, answer); !wrong.empty()) return wrong;
    if (answer.code == Code::internal) return name(library->manifest(), route) + ": " + answer.error.message;
    if (!answer.page.empty() && !library->inspection().files.contains("pages/" + answer.page)) {
      return name(library->manifest(), route) + " answers with pages/" + answer.page +
             ", which the plugin does not carry";
    }
  }
  return {};
}

Verdict hostile_requests(const std::string& path) {
  auto library = load(path);
  for (bool populated : {false, true}) {
    Firm firm(library);
    if (auto wrong = firm.start(); !wrong.empty()) return wrong;
    if (populated) firm.populate();
    for (const auto& route : library->manifest().routes) {
      for (const auto& call : calls(*library, route)) {
        if (auto wrong = no_exception(*library, route, firm.call(route, call)); !wrong.empty()) return wrong;
      }
    }
  }
  return {};
}

Verdict gets_change_nothing(const std::string& path) {
  auto library = load(path);
  Firm firm(library);
  if (auto wrong = firm.start(); !wrong.empty()) return wrong;
  firm.populate();
  auto lines = firm.host.audit.lines.size(), links = firm.host.links.all.size(),
       messages = firm.host.notifier.messages.size();
  for (const auto& route : library->manifest().routes) {
    if (route.method != "GET") continue;
    for (const auto& call : calls(*library, route)) {
      auto answer = firm.call(route, call);
      if (answer.error.message.find("the transaction of a GET") != std::string::npos) {
        return name(library->manifest(), route) + " writes; mail scanners open links too: do it in a POST";
      }
    }
  }
  bool same = lines == firm.host.audit.lines.size() && links == firm.host.links.all.size() &&
              messages == firm.host.notifier.messages.size();
  return same ? "" : "a GET writes through a service; mail scanners open links too: do it in a POST";
}

Verdict service_failures(const std::string& path) {
  auto library = load(path);
  for (const auto& route : library->manifest().routes) {
    for (std::size_t service = 0; service < testing::FakeHost("").faults().size(); ++service) {
      if (auto wrong = fail_each(library, route, service); !wrong.empty()) return wrong;
    }
  }
  return {};
}

Verdict concurrent_doors(const std::string& path) {
  auto library = load(path);
  Firm firm(library);
  if (auto wrong = firm.start(); !wrong.empty()) return wrong;
  firm.populate();
  std::vector<Verdict> verdicts(4);
  std::vector<std::thread> callers;
  for (auto& verdict : verdicts) {
    callers.emplace_back([&] {
      for (int round = 0; round < 25 && verdict.empty(); ++round) {
        for (const auto& route : library->manifest().routes) {
          auto wrong = no_exception(*library, route, firm.call(route, calls(*library, route).front()));
          if (!wrong.empty()) verdict = wrong;
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
  for (const auto& verdict : verdicts) {
    if (!verdict.empty()) return verdict;
  }
  return {};
}

}  // namespace postern::conformance
