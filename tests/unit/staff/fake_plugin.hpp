// Plugin instances and pages that need no library and no templates.
#pragma once

#include <functional>
#include <string>

#include "host/plugins/library.hpp"
#include "host/services/pages.hpp"

namespace postern::staff {

class FakePlugin final : public plugins::Instance {
 public:
  explicit FakePlugin(plugins::Inspection inspection) : inspection_(std::move(inspection)) {}
  const plugins::Inspection& inspection() const override { return inspection_; }
  bool has(plugins::Door door) const override { return door == plugins::Door::staff; }
  Code recipient(const Request&, const Grant&, Response&, ErrorSink&) noexcept override {
    return Code::not_found;
  }
  Code staff(const Request& request, const Member& member, Response& response,
             ErrorSink& error) noexcept override {
    return act(request, member, response, error);
  }
  bool drain(std::chrono::milliseconds) override { return true; }

  std::function<Code(const Request&, const Member&, Response&, ErrorSink&)> act;

 private:
  plugins::Inspection inspection_;
};

class FakePages final : public services::Pages {
 public:
  Result<void> add_plugin(std::string_view, const services::Files&) override { return {}; }
  Result<std::string> page(std::string_view, std::string_view name, std::string_view,
                           std::string_view) const override {
    return std::string(name);
  }
  Result<std::string> fragment(std::string_view, std::string_view name, std::string_view,
                               std::string_view) const override {
    return std::string(name);
  }
  Result<std::string> text(std::string_view, std::string_view, std::string_view key,
                           std::string_view) const override {
    return std::string(key);
  }
  std::string choose_language(std::string_view, std::string_view accepted) const override {
    return std::string(accepted.empty() ? "en" : accepted);
  }
  const services::Branding& branding() const override { return branding_; }

 private:
  services::Branding branding_;
};

}  // namespace postern::staff
