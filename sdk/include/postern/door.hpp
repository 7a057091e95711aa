// Doors: how the host hands a proven request to a plugin. The host has already checked who is calling.
#pragma once

#include <cstdint>
#include <string_view>

#include "postern/database.hpp"
#include "postern/links.hpp"

namespace postern {

/// A request, matched to one route of the plugin's manifest. Host-owned, valid for the call.
class Request {
 public:
  virtual std::string_view route() const noexcept = 0;   // id of the route in the manifest, e.g. "view"
  virtual std::string_view method() const noexcept = 0;  // GET (also for HEAD), POST, ...
  /// A `{name}` of the route's pattern. Empty when there is none.
  virtual std::string_view parameter(std::string_view name) const noexcept = 0;
  /// A field of the query. Empty when there is none.
  virtual std::string_view query(std::string_view name) const noexcept = 0;
  /// A field of an urlencoded form. Empty when there is none.
  virtual std::string_view form(std::string_view name) const noexcept = 0;
  /// The body as it came, at most the route's limit. Staff doors: JSON, already checked to be well-formed.
  virtual std::string_view body() const noexcept = 0;
  virtual std::string_view header(std::string_view name) const noexcept = 0;
  virtual std::string_view language() const noexcept = 0;  // to answer in, e.g. "en", "ja"
  virtual Timestamp now() const noexcept = 0;              // one time for the whole request
  /// The transaction of this request: what it writes is committed before the answer leaves, and only when the
  /// answer's status is below 400. Reads only for GET.
  virtual Transaction& transaction() const noexcept = 0;

 protected:
  ~Request() = default;
};

enum class Disposition : std::int32_t { attachment = 0, inline_view = 1 };

/// Receives the answer. The host copies what it is given. Host-owned, valid for the call.
class Response {
 public:
  virtual void status(int status) noexcept = 0;
  /// Of the fields an answer may carry, only Content-Language, Location, Link, ETag and Retry-After.
  virtual void header(std::string_view name, std::string_view value) = 0;
  /// The answer's bytes.
  virtual void body(std::string_view type, std::string_view bytes) = 0;
  /// A page from the plugin's `pages/<name>` with `values` (a JSON object) in the frame all recipient pages
  /// share.
  virtual void page(std::string_view name, std::string_view values) = 0;
  /// 303 to a path below the link (recipient door) or below the plugin's API (staff door). Never to another
  /// host.
  virtual void redirect(std::string_view path) = 0;
  /// A document, streamed by the host with ranges and conditions; the bytes delivered are recorded in the
  /// audit and count as a use of the link. 0: newest version.
  virtual void document(std::string_view id, std::uint32_t version, Disposition disposition) = 0;

 protected:
  ~Response() = default;
};

/// What a valid token proves. Views live for the call.
struct Grant {
  std::uint32_t size = sizeof(Grant);
  std::uint32_t reserved = 0;
  LinkInfo link;  // active, bound to this plugin
  std::string_view
      path;  // of the link itself, e.g. "/l/…", to build form actions from; holds the token: never log it
  std::string_view firm;  // the firm's name
};

/// A proven member of the firm (or a program with an API key). Views live for the call.
struct Member {
  std::uint32_t size = sizeof(Member);
  std::uint32_t reserved = 0;
  std::string_view id;  // stable, e.g. "key:0190…" or "member:0190…"
  std::string_view name;
  std::string_view email;  // may be empty
  std::string_view role;   // "owner", "admin", "member", "read-only"
};

/// Plugin-implemented; these interfaces never grow. Called concurrently. Code::ok when `response` holds the
/// answer; else the host answers with the error: a page to recipients, problem details to programs. [action
/// threads, may block]
class RecipientDoor {
 public:
  static constexpr std::string_view kId = "recipient/1";
  virtual Code recipient(const Request& request, const Grant& grant, Response& response,
                         ErrorSink& error) = 0;

 protected:
  ~RecipientDoor() = default;
};

class StaffDoor {
 public:
  static constexpr std::string_view kId = "staff/1";
  virtual Code staff(const Request& request, const Member& member, Response& response, ErrorSink& error) = 0;

 protected:
  ~StaffDoor() = default;
};

}  // namespace postern
