#include "host/doors/error_page.hpp"

#include <nlohmann/json.hpp>

#include "host/doors/headers.hpp"
#include "host/doors/language.hpp"

namespace postern::doors {
namespace {

/// Draws error.html; `kind` is one of the words it knows.
http::Response draw(const firm::Firm& firm, int status, std::string_view kind, nlohmann::json values,
                    std::string_view language, const http::RequestHead& head) {
  values["kind"] = kind;
  values["retry"] = status == 429 || status == 503;
  auto page = firm.pages->page("", "error.html", language, values.dump());
  if (!page.ok()) return plain(status, "something went wrong; please try again later\n");
  http::Response response = html(status, *std::move(page), language, head.secure);
  if (status == 503 || status == 429) response.fields.set("Retry-After", status == 429 ? "60" : "5");
  return response;
}

std::string_view kind_of(Code code) {
  switch (code) {
    case Code::too_many: return "too_many";
    case Code::unavailable:
    case Code::no_space: return "busy";
    case Code::internal: return "internal";
    case Code::too_large: return "too_large";
    case Code::gone: return "used_up";
    case Code::not_found:
    case Code::unauthenticated:
    case Code::forbidden: return "not_found";
    default: return "invalid";
  }
}

}  // namespace

http::Response error_page(const firm::Firm& firm, const Error& error, const http::RequestHead& head,
                          const std::string& reference) {
  return draw(firm, http_status(error.code), kind_of(error.code), {{"reference", reference}}, language_of(firm, head),
              head);
}

http::Response ended_page(const firm::Firm& firm, const services::Link& link, Timestamp now,
                          const http::RequestHead& head) {
  const std::string language = language_of(firm, head, link.language);
  switch (link.state(now)) {
    case LinkState::pending: return draw(firm, 403, "not_yet", {{"not_before", link.not_before.ms}}, language, head);
    case LinkState::revoked: return draw(firm, 410, "revoked", {{"ended", link.revoked.ms}}, language, head);
    case LinkState::used_up: return draw(firm, 410, "used_up", nlohmann::json::object(), language, head);
    case LinkState::expired:
    case LinkState::active: break;
  }
  return draw(firm, 410, "expired", {{"expires", link.expires.ms}}, language, head);
}

}  // namespace postern::doors
