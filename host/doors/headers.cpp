#include "host/doors/headers.hpp"

namespace postern::doors {

void add_page_headers(http::Response& response, bool secure) {
  auto& fields = response.fields;
  fields.set("Content-Security-Policy",
             "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
             "form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set("Referrer-Policy", "no-referrer");
  fields.set("Cache-Control", "no-store");
  fields.set("X-Robots-Tag", "noindex, nofollow, noarchive");
  fields.set("Cross-Origin-Opener-Policy", "same-origin");
  fields.set("Cross-Origin-Resource-Policy", "same-origin");
  fields.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  if (secure) fields.set("Strict-Transport-Security", "max-age=31536000");
}

http::Response html(int status, std::string page, std::string_view language, bool secure) {
  http::Response response;
  response.status = status;
  response.fields.add("Content-Type", "text/html; charset=utf-8");
  if (!language.empty()) response.fields.add("Content-Language", std::string(language));
  add_page_headers(response, secure);
  response.bytes = std::move(page);
  return response;
}

http::Response plain(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.fields.add("Content-Type", "text/plain; charset=utf-8");
  add_page_headers(response, false);
  response.bytes = std::move(text);
  return response;
}

}  // namespace postern::doors
