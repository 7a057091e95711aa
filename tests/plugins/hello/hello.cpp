// The smallest whole plugin, for tests of the host: two doors, one service, one setting.
#include "postern/comfort.hpp"
#include "postern/glue.hpp"

namespace {

using namespace postern;

class Hello final : public Action<Hello> {
 public:
  static constexpr auto routes() {
    return std::array{on("view", &Hello::view), on("greet", &Hello::greet), on("list", &Hello::list)};
  }

  Result<void> setup(Services& services, const Settings& settings) override {
    greeting_ = settings.text("greeting");
    return services.require(clock_);
  }

  Result<void> view(RecipientContext& c) {
    c.page("view.html", R"({"greeting": ")" + greeting_ + R"("})");
    return {};
  }

  Result<void> greet(RecipientContext& c) {
    if (c.parameter("name") == "nobody") return {Code::not_found, "there is nobody", "name"};
    c.redirect("");
    return {};
  }

  Result<void> list(StaffContext& c) {
    c.json(R"({"now": )" + std::to_string(clock_.now().ms) + "}");
    return {};
  }

 private:
  Use<Clock> clock_;
  std::string greeting_;
};

}  // namespace

POSTERN_PLUGIN(Hello);
