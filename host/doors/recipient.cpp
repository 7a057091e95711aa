#include "host/doors/recipient.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "host/doors/error_page.hpp"
#include "host/doors/form.hpp"
#include "host/doors/headers.hpp"
#include "host/doors/language.hpp"
#include "host/doors/plugin_call.hpp"
#include "host/services/delivery.hpp"
#include "host/services/id.hpp"

namespace postern::doors {
namespace {

constexpr std::size_t kLongestUserAgent = 512;

/// Where in the document an answer begins; empty for several ranges in one answer, whose bytes are not told apart.
std::optional<std::int64_t> first_byte(const http::Response& response) {
  if (response.status != 206) return 0;
  const std::string_view range = response.fields.get("Content-Range");  // "bytes 5-9/100"
  if (!range.starts_with("bytes ")) return std::nullopt;
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(range.data() + 6, range.data() + range.size(), offset);
  if (error != std::errc{} || *end != '-') return std::nullopt;
  return offset;
}

class RecipientExchange final : public http::Exchange {
 public:
  RecipientExchange(Entrance& entrance, log::Logger& logger, http::RequestHead head)
      : entrance_(entrance), firm_(*entrance.firm), logger_(logger), head_(std::move(head)) {
    const std::string_view path = std::string_view(head_.path).substr(3);
    const auto slash = path.find('/');
    token_ = path.substr(0, slash);
    if (slash != std::string_view::npos) rest_ = path.substr(slash + 1);
    for (const auto& [id, plugin] : firm_.plugins)
      for (const auto& route : plugin.instance->manifest().routes)
        if (route.door == plugins::Door::recipient) limit_ = std::max(limit_, route.body_limit);
  }

  http::BodyMode body_mode() const override { return is_read() ? http::BodyMode::none : http::BodyMode::buffered; }
  // The route is known only once the token is; its own limit is checked then.
  std::uint64_t body_limit() const override { return limit_; }

  http::Response answer(std::string body) override {
    if (head_.method == "OPTIONS") return not_allowed("GET, HEAD, POST");
    Result<http::Response> answered = [&] {
      const auto work = [&](db::HostTransaction& transaction) { return within(transaction, body); };
      return is_read() ? firm_.database->read(work) : firm_.database->write(work);
    }();
    // A refusal is thrown away with its transaction, so its page is drawn out here.
    if (refused_) return *std::move(refused_);
    if (!answered.ok()) return failed(answered.error());
    if (opened_) entrance_.observations->opened(actor_);
    return *std::move(answered);
  }

 private:
  bool is_read() const { return head_.method == "GET" || head_.method == "HEAD"; }

  http::Response not_allowed(const std::string& allow) const {
    http::Response response = plain(405, "not here: " + head_.method + "; allowed: " + allow + "\n");
    response.fields.set("Allow", allow);
    return response;
  }

  /// Rolls back and answers with `response`.
  Error refuse(http::Response response) {
    refused_ = std::move(response);
    return {Code::gone, "refused", {}};
  }

  Result<http::Response> within(db::HostTransaction& transaction, const std::string& body) {
    refused_.reset();
    auto found = firm_.links->find_by_token(transaction, token_);
    if (!found.ok()) {
      if (found.code() != Code::not_found) return std::move(found).error();
      if (!firm_.limiter->may_guess(head_.address, transaction.now))
        return refuse(error_page(firm_, {Code::too_many, {}, {}}, head_));
      firm_.limiter->wrong(head_.address, transaction.now);
      return refuse(error_page(firm_, {Code::not_found, {}, {}}, head_));
    }
    const services::Link& link = *found;
    if (link.state(transaction.now) != LinkState::active)
      return refuse(ended_page(firm_, link, transaction.now, head_));

    const auto plugin = firm_.plugins.find(link.plugin);
    if (plugin == firm_.plugins.end()) return refuse(error_page(firm_, {Code::unavailable, {}, {}}, head_));
    plugins::Instance& instance = *plugin->second.instance;
    const plugins::Match match = plugins::match(instance.manifest(), plugins::Door::recipient, head_.method, rest_);
    if (match.route == nullptr) {
      if (!match.allow.empty()) return refuse(not_allowed(match.allow));
      return refuse(error_page(firm_, {Code::not_found, {}, {}}, head_));
    }
    if (body.size() > match.route->body_limit)
      return refuse(error_page(firm_, {Code::too_large, "what was sent is too large", {}}, head_));

    actor_.link = link.id;
    actor_.recipient = link.email.empty() ? link.name : link.email;
    actor_.address = head_.address;
    actor_.user_agent = std::string(head_.fields.get("User-Agent").substr(0, kLongestUserAgent));
    transaction.actor = actor_;
    return call(transaction, instance, match, link, body);
  }

  Result<http::Response> call(db::HostTransaction& transaction, plugins::Instance& instance,
                              const plugins::Match& match, const services::Link& link, const std::string& body) {
    const std::string language = language_of(firm_, head_, link.language);
    const std::string base = "/l/" + std::string(token_);
    Grant grant;
    grant.link = link.info(transaction.now);
    grant.path = base;
    grant.firm = firm_.settings.name;
    auto answered = call_recipient(instance, {match, head_, body, language, transaction}, grant);
    if (!answered.ok()) return std::move(answered).error();
    PluginAnswer& answer = *answered;

    auto response = convert(transaction, instance, link, language, base, answer);
    if (!response.ok()) return response;
    for (const auto& [name, value] : answer.fields.all())
      if (!response->fields.has(name)) response->fields.add(name, value);
    opened_ = is_read() && head_.method == "GET" && !answer.page.empty() && response->status < 300;
    if (response->status >= 400) return refuse(*std::move(response));  // nothing it wrote is kept
    return response;
  }

  Result<http::Response> convert(db::HostTransaction& transaction, const plugins::Instance& instance,
                                 const services::Link& link, const std::string& language, const std::string& base,
                                 PluginAnswer& answer) {
    if (!answer.document.empty()) return document(transaction, link, answer);
    if (answer.status == 303) {
      http::Response response = plain(303, "see " + answer.redirect + "\n");
      response.fields.set("Location", answer.redirect.empty() ? base : base + "/" + answer.redirect);
      return response;
    }
    if (!answer.page.empty()) {
      nlohmann::json values = nlohmann::json::parse(answer.page_values, nullptr, false);
      if (!values.is_object()) return {Code::internal, "plugin " + link.plugin + " gave page values that are no JSON object"};
      values["base"] = base;
      values["expires"] = link.expires.ms;
      POSTERN_TRY(std::string page,
                  firm_.pages->page(instance.manifest().id, answer.page, language, values.dump()));
      return html(answer.status, std::move(page), language, head_.secure);
    }
    http::Response response = plain(answer.status, std::move(answer.bytes));
    if (!answer.type.empty()) response.fields.set("Content-Type", answer.type);
    return response;
  }

  Result<http::Response> document(db::HostTransaction& transaction, const services::Link& link,
                                  const PluginAnswer& answer) {
    POSTERN_TRY(const services::Document found,
                firm_.documents->document(transaction, answer.document, answer.version));
    http::Response response =
        services::deliver(head_, found, *firm_.blobs, {answer.disposition, "private, no-store"});
    response.cancelled = firm_.links->watch(link.id);
    if (head_.method == "HEAD" || response.status >= 300) return response;
    const auto offset = first_byte(response);
    if (!offset) return response;
    response.on_sent = [&observations = *entrance_.observations, actor = actor_,
                        delivery = Observations::Delivery{found.id, found.name, found.version, found.blob.bytes, *offset, 0,
                                                          answer.disposition == Disposition::inline_view}](
                           std::uint64_t delivered, bool) mutable {
      delivery.delivered = static_cast<std::int64_t>(delivered);
      observations.delivered(actor, std::move(delivery));
    };
    return response;
  }

  http::Response failed(const Error& error) const {
    if (error.code != Code::internal) return error_page(firm_, error, head_);
    const std::string reference = services::new_id(firm_.clock->now()).substr(24);
    logger_.event(Severity::error, "recipient.failed",
                  {{"firm", firm_.settings.id}, {"reference", reference}, {"link", actor_.link}, {"reason", error.message}});
    return error_page(firm_, error, head_, reference);
  }

  Entrance& entrance_;
  firm::Firm& firm_;
  log::Logger& logger_;
  http::RequestHead head_;
  std::string_view token_;  // into head_.path
  std::string_view rest_;
  std::uint64_t limit_ = 64 * 1024;
  db::Actor actor_;
  bool opened_ = false;
  std::optional<http::Response> refused_;
};

}  // namespace

std::unique_ptr<http::Exchange> recipient(Entrance& entrance, log::Logger& logger, http::RequestHead head) {
  return std::make_unique<RecipientExchange>(entrance, logger, std::move(head));
}

}  // namespace postern::doors
