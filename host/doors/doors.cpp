#include "host/doors/doors.hpp"

#include "host/doors/error_page.hpp"
#include "host/doors/headers.hpp"
#include "host/doors/logged.hpp"
#include "host/doors/recipient.hpp"

namespace postern::doors {
namespace {

/// An answer that is known at once.
class Ready final : public http::Exchange {
 public:
  explicit Ready(http::Response response) : response_(std::move(response)) {}
  http::BodyMode body_mode() const override { return http::BodyMode::none; }
  std::uint64_t body_limit() const override { return 0; }
  bool answers_at_once() const override { return true; }
  http::Response answer(std::string) override { return std::move(response_); }

 private:
  http::Response response_;
};

std::unique_ptr<http::Exchange> ready(http::Response response) { return std::make_unique<Ready>(std::move(response)); }

bool is_read(const http::RequestHead& head) { return head.method == "GET" || head.method == "HEAD"; }

http::Response method_not_allowed() {
  http::Response response = plain(405, "only GET and HEAD are answered here\n");
  response.fields.set("Allow", "GET, HEAD");
  return response;
}

}  // namespace

Doors::Doors(const std::vector<std::unique_ptr<firm::Firm>>& firms, const web::Assets& assets, StaffDoor staff,
             log::Logger& logger, StaffRefusal staff_refusal)
    : assets_(assets), staff_(staff), staff_refusal_(staff_refusal), logger_(logger) {
  for (const auto& firm : firms) {
    auto entrance = std::make_unique<Entrance>();
    entrance->firm = firm.get();
    entrance->observations = std::make_unique<Observations>(*firm, logger);
    for (const auto& host : firm->settings.hosts) by_host_.emplace(host, entrance.get());
    entrances_.push_back(std::move(entrance));
  }
}

Doors::~Doors() = default;

Entrance* Doors::entrance(const std::string& host) {
  const auto found = by_host_.find(host);
  return found == by_host_.end() ? nullptr : found->second;
}

std::unique_ptr<http::Exchange> Doors::begin(http::RequestHead head) {
  const std::string& path = head.path;
  if (path == "/healthz") return ready(is_read(head) ? plain(200, "ok\n") : method_not_allowed());
  if (path == "/readyz")
    return ready(!is_read(head) ? method_not_allowed() : ready_ ? plain(200, "ready\n") : plain(503, "not ready\n"));

  Entrance* const at = entrance(head.host);
  if (at == nullptr) return ready(plain(404, "nothing is served under this host name\n"));
  const bool by_link = path.starts_with("/l/");
  if (by_link || path == "/api" || path.starts_with("/api/")) {
    LogLine line = log_line(head, at->firm->settings.id, *at->firm->clock, logger_);
    auto exchange = by_link ? recipient(*at, logger_, std::move(head)) : staff_(*at->firm, std::move(head));
    return logged(std::move(exchange), std::move(line));
  }
  if (path.starts_with("/assets/")) {
    if (!is_read(head)) return ready(method_not_allowed());
    if (const auto* asset = assets_.find(std::string_view(path).substr(8)))
      return ready(web::asset_response(head, *asset));
  }
  if (path == "/robots.txt" && is_read(head)) return ready(plain(200, "User-agent: *\nDisallow: /\n"));
  return ready(error_page(*at->firm, {Code::not_found, {}, {}}, head));
}

http::Response Doors::error(int status, const std::string& reason, const http::RequestHead* head) {
  logger_.event(Severity::info, "request.refused", {{"status", std::to_string(status)}, {"reason", reason}});
  if (staff_refusal_ != nullptr && head != nullptr && head->path.starts_with("/api/"))
    return staff_refusal_(status, reason);
  // The head could not be trusted, so the answer is plain: a person never sees it, a program can read it.
  http::Response response = plain(status, reason + "\n");
  if (head != nullptr && head->secure) add_page_headers(response, true);
  return response;
}

}  // namespace postern::doors
