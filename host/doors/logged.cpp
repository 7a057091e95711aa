#include "host/doors/logged.hpp"

#include <optional>
#include <utility>

namespace postern::doors {
namespace {

class Logged final : public http::Exchange {
 public:
  Logged(std::unique_ptr<http::Exchange> exchange, LogLine line) : exchange_(std::move(exchange)), line_(std::move(line)) {}

  http::BodyMode body_mode() const override { return exchange_->body_mode(); }
  std::uint64_t body_limit() const override { return exchange_->body_limit(); }
  bool answers_at_once() const override { return exchange_->answers_at_once(); }
  std::optional<http::Response> admit() override {
    auto refused = exchange_->admit();
    if (refused) attach(*refused);
    return refused;
  }
  bool take(std::span<const std::byte> piece) override { return exchange_->take(piece); }
  http::Response answer(std::string body) override {
    http::Response response = exchange_->answer(std::move(body));
    attach(response);
    return response;
  }

 private:
  void attach(http::Response& response) {
    response.on_sent = [line = line_, status = response.status, inner = std::move(response.on_sent)](
                           std::uint64_t delivered, bool complete) {
      line.write(status, delivered, complete);
      if (inner) inner(delivered, complete);
    };
  }

  std::unique_ptr<http::Exchange> exchange_;
  LogLine line_;
};

}  // namespace

void LogLine::write(int status, std::uint64_t bytes, bool complete) const {
  logger->event(Severity::info, "request",
                {{"firm", firm},
                 {"method", method},
                 {"path", path},
                 {"status", std::to_string(status)},
                 {"bytes", std::to_string(bytes)},
                 {"complete", complete ? "yes" : "no"},
                 {"ms", std::to_string(clock->now() - begun)},
                 {"address", address}});
}

LogLine log_line(const http::RequestHead& head, std::string firm, const Clock& clock, log::Logger& logger) {
  return {head.method, log::loggable_path(head.path), head.address, std::move(firm), clock.now(), &clock, &logger};
}

std::unique_ptr<http::Exchange> logged(std::unique_ptr<http::Exchange> exchange, LogLine line) {
  return std::make_unique<Logged>(std::move(exchange), std::move(line));
}

}  // namespace postern::doors
