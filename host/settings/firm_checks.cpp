#include "host/settings/firm_checks.hpp"

#include <algorithm>
#include <cstdio>

#include "host/settings/colour.hpp"
#include "host/settings/formats.hpp"

namespace postern::settings {

namespace {

class Together {
 public:
  Together(const Value& value, Problems& problems) : value_(value), problems_(problems), before_(problems) {}

  void check() {
    base_url();
    languages();
    smtp();
    not_over(value_["notification"]["retry"], "first", "longest");
    not_over(value_["links"], "expires", "expires_maximum");
    accent();
  }

 private:
  void add(const Value& at, std::string wanted, std::string hint = {}, std::string found = {}) {
    problems_.push_back(problem_at(at, std::move(wanted), std::move(hint), std::move(found)));
  }
  void warn(const Value& at, std::string found, std::string wanted, std::string hint) {
    add(at, std::move(wanted), std::move(hint), std::move(found));
    problems_.back().severity = Severity::warning;
  }

  /// Nothing at or below this key was wrong by itself.
  bool is_clean(std::string_view path) const {
    return std::none_of(before_.begin(), before_.end(),
                        [&](const Problem& problem) { return problem.path.starts_with(path); });
  }

  static bool holds(const Value& list, std::string_view text) {
    return std::any_of(list.list().begin(), list.list().end(),
                       [&](const Value& entry) { return entry.text() == text; });
  }

  void base_url() {
    const auto base_url = value_["base_url"];
    auto url = split_url(base_url.text());
    if (!url) return;
    if (is_clean("hosts") && !holds(value_["hosts"], url->host)) {
      add(base_url, "a URL with one of hosts, or links would lead nowhere");
    }
    if (url->scheme == "http" && !is_loopback(url->host)) {
      warn(base_url, in_quotes(base_url.text()), "an https URL", "a link over http can be read on its way");
    }
  }

  void languages() {
    const auto language = value_["language"], languages = value_["languages"];
    if (language.is_null() || languages.is_null() || !is_clean("languages")) return;
    if (!holds(languages, language.text())) add(language, "one of languages");
  }

  void smtp() {
    const auto transport = value_["notification"]["transport"], smtp = value_["notification"]["smtp"];
    if (!is_clean("notification.smtp")) return;
    if (transport.text() == "smtp" && smtp.is_null()) {
      add(transport, "notification.smtp beside it, with host, user and password");
    }
    if (smtp.has("user") && !smtp.has("password")) {
      add(smtp["user"], "password beside it", {}, "a user without a password");
    }
    if (smtp.has("password") && !smtp.has("user")) {
      add(smtp["password"], "user beside it", {}, "a password without a user");
    }
    if (smtp["security"].text() == "none" && smtp.has("password") && !is_loopback(smtp["host"].text())) {
      add(smtp["security"], "starttls or tls", "a password would cross the network in the open");
    }
  }

  void not_over(const Value& map, const std::string& lesser, const std::string& greater) {
    const auto less = map[lesser], most = map[greater];
    if (less.is_null() || most.is_null() || less.integer() <= most.integer()) return;
    add(less, "at most " + greater + ", " + format_duration(most.integer()), {},
        format_duration(less.integer()));
  }

  void accent() {
    const auto accent = value_["branding"]["accent"];
    double contrast = accent.is_null() ? kLeastContrast : contrast_with_white(accent.text());
    if (contrast >= kLeastContrast) return;
    char ratio[16];
    std::snprintf(ratio, sizeof ratio, "%.1f", contrast);
    warn(accent, in_quotes(accent.text()) + ", a contrast of " + ratio + ":1 with white text",
         "at least 4.5:1", "pages use " + in_quotes(darken_for_white_text(accent.text())) + " instead");
  }

  const Value& value_;
  Problems& problems_;
  const Problems before_;
};

}  // namespace

void check_firm_together(const Value& value, Problems& problems) {
  if (value.kind() == Value::Kind::map) Together(value, problems).check();
}

}  // namespace postern::settings
