// A plugin in comfort: a class derived from Action<T>, one member function a route, Results instead of codes
// and sinks. Layer 2: compiled into the plugin, never crosses the boundary. sdk/template is the complete
// example.
//
//   class Ack : public Action<Ack> {
//    public:
//     static constexpr auto routes() { return std::array{on("view", &Ack::view), on("create", &Ack::create)};
//     } Result<void> setup(Services& services, const Settings&) override { return services.require(links_); }
//     Result<void> view(RecipientContext& c) { c.page("view.html", R"({"title": "Hello"})"); return {}; }
//     Result<void> create(StaffContext& c) { ... }
//   };
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "postern/door.hpp"
#include "postern/plugin.hpp"
#include "postern/result.hpp"
#include "postern/rows.hpp"
#include "postern/services.hpp"

namespace postern {

/// One request and its answer. Valid for the call; belongs to the thread that got it.
class Context {
 public:
  const Request& request;
  Response& response;
  const Tx tx;  // the request's transaction: committed before the answer leaves, when that is below 400
  const Timestamp now;  // one time for the whole request

  std::string_view parameter(std::string_view name) const { return request.parameter(name); }
  std::string_view query(std::string_view name) const { return request.query(name); }
  std::string_view form(std::string_view name) const { return request.form(name); }
  std::string_view body() const { return request.body(); }
  std::string_view language() const { return request.language(); }

  /// The plugin's pages/<name> with `values`, a JSON object. `status` 422 for a form that comes back with its
  /// mistakes: nothing is committed then.
  void page(std::string_view name, std::string_view values = "{}", int status = 200) {
    response.status(status);
    response.page(name, values);
  }
  /// 303 to a path below the link or the plugin's API: the answer to a POST that worked.
  void redirect(std::string_view path) { response.redirect(path); }
  void document(const OwnedDocument& document, Disposition disposition = Disposition::attachment) {
    response.document(document.id, document.version, disposition);
  }
  void json(std::string_view bytes, int status = 200) {
    response.status(status);
    response.body("application/json", bytes);
  }
  /// 204: done, and nothing to say.
  void nothing() { response.status(204); }

 protected:
  Context(const Request& request_, Response& response_)
      : request(request_), response(response_), tx(request_.transaction()), now(request_.now()) {}
  ~Context() = default;
};

/// A recipient's request: the host has proved the link.
class RecipientContext final : public Context {
 public:
  RecipientContext(const Request& request_, const Grant& grant_, Response& response_)
      : Context(request_, response_), grant(grant_), link(grant_.link), resource(grant_.link.resource) {}
  const Grant& grant;
  const LinkInfo& link;
  const std::string_view resource;  // what the plugin bound the link to
};

/// A request of staff, or of a program with an API key: the host has proved who, and that the role suffices.
class StaffContext final : public Context {
 public:
  StaffContext(const Request& request_, const Member& member_, Response& response_)
      : Context(request_, response_), member(member_) {}
  const Member& member;
};

/// A route of manifest.yaml and the member function that answers it.
template <class T>
struct RouteHandler {
  std::string_view route;
  Result<void> (T::*recipient)(RecipientContext&) = nullptr;
  Result<void> (T::*staff)(StaffContext&) = nullptr;
};

/// on("view", &Share::view): the door follows from the function's parameter. [any thread]
template <class T>
constexpr RouteHandler<T> on(std::string_view route, Result<void> (T::*handler)(RecipientContext&)) {
  return {route, handler, nullptr};
}
template <class T>
constexpr RouteHandler<T> on(std::string_view route, Result<void> (T::*handler)(StaffContext&)) {
  return {route, nullptr, handler};
}

/// A plugin whose routes() name its member functions. T has `static constexpr auto routes()`, an array of
/// on(...). Handlers run concurrently; an Error goes to the caller with its code's HTTP status, an exception
/// becomes a 500.
template <class T>
class Action : public Plugin, public RecipientDoor, public StaffDoor {
 public:
  /// Ask for services, read settings. An Error refuses the plugin with its sentence. [called once]
  virtual Result<void> setup(Services& services, const Settings& settings) = 0;
  /// The last step before the doors open. When it fails, stop() is still called. [called once, may block]
  virtual Result<void> begin() { return {}; }

  Code configure(Host& host, const Settings& settings, ErrorSink& error) final {
    Services services(host);
    return tell(setup(services, settings), error);
  }
  Code start(ErrorSink& error) final { return tell(begin(), error); }

  Code recipient(const Request& request, const Grant& grant, Response& response, ErrorSink& error) final {
    for (const auto& handler : T::routes()) {
      if (handler.recipient == nullptr || handler.route != request.route()) continue;
      RecipientContext context(request, grant, response);
      return tell((static_cast<T*>(this)->*handler.recipient)(context), error);
    }
    return unknown(request, error);
  }

  Code staff(const Request& request, const Member& member, Response& response, ErrorSink& error) final {
    for (const auto& handler : T::routes()) {
      if (handler.staff == nullptr || handler.route != request.route()) continue;
      StaffContext context(request, member, response);
      return tell((static_cast<T*>(this)->*handler.staff)(context), error);
    }
    return unknown(request, error);
  }

 protected:
  ~Action() override = default;

 private:
  static Code tell(const Result<void>& result, ErrorSink& error) {
    if (!result.ok()) error.error(result.error().code, result.error().message, result.error().field);
    return result.code();
  }
  static Code unknown(const Request& request, ErrorSink& error) {
    error.error(Code::internal,
                "manifest.yaml has the route " + std::string(request.route()) + ", but routes() does not",
                {});
    return Code::internal;
  }
};

}  // namespace postern
