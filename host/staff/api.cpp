// The buffered exchange: every request of the staff API but the streamed upload (upload.cpp).
#include "host/staff/api.hpp"

#include <nlohmann/json.hpp>

#include "host/services/id.hpp"
#include "host/staff/json_fields.hpp"
#include "host/staff/openapi.hpp"
#include "host/staff/plugin_routes.hpp"
#include "host/staff/respond.hpp"
#include "host/staff/router.hpp"
#include "host/staff/sign_in.hpp"
#include "host/staff/upload.hpp"

namespace postern::staff {
namespace {

constexpr std::string_view kRoot = "/api/v1/";
constexpr std::uint64_t kBodyLimit = 1024 * 1024;  // bytes

class BufferedExchange final : public http::Exchange {
 public:
  BufferedExchange(firm::Firm& firm, http::RequestHead head, Route route)
      : firm_(firm), head_(std::move(head)), route_(std::move(route)) {
    if (route_.operation == nullptr && route_.allow.empty() && head_.path.starts_with(kRoot))
      plugin_ = plugin_route(firm_, head_.method, std::string_view(head_.path).substr(kRoot.size()));
  }

  http::BodyMode body_mode() const override {
    const bool bare = is_read(head_.method) || head_.method == "DELETE" || head_.method == "OPTIONS";
    return bare ? http::BodyMode::none : http::BodyMode::buffered;
  }
  std::uint64_t body_limit() const override {
    return plugin_.match.route == nullptr ? kBodyLimit : plugin_.match.route->body_limit;
  }

  http::Response answer(std::string body) override {
    return respond(firm_, head_, fenced([&] { return run(body); }));
  }

 private:
  Answer run(const std::string& body) {
    if (!head_.path.starts_with(kRoot)) return outside();
    const JsonBody json = parse_json(body, head_.fields.get("Content-Type"));
    // A first look without the writer's lock: strangers and mistakes never hold it.
    bool signed_in = false;
    Answer looked = firm_.database->read([&](db::HostTransaction& transaction) -> Answer {
      signed_in = false;
      const auto caller = sign_in(transaction, firm_, head_);
      if (!caller.ok()) return caller.error();
      signed_in = true;
      if (Answer refused = refuse(*caller, json); !refused.ok()) return refused;
      caller_ = *caller;
      return is_read(head_.method) ? call(transaction, *caller, json, body) : Answer();
    });
    if (!signed_in && looked.status == 401) return unauthenticated(firm_, head_);
    if (!looked.ok() || is_read(head_.method)) return looked;
    return change(json, body);
  }

  /// What stands below /api but not below /api/v1/.
  Answer outside() {
    if (head_.path != "/api/openapi.json") return not_found();
    if (!is_read(head_.method)) return not_allowed("GET, HEAD");
    Answer answer;
    answer.bytes = api_document(firm_);
    return answer;
  }

  static Answer not_allowed(const std::string& allow) {
    Answer answer =
        problem(405, Code::invalid, "This path does not take that method; it takes " + allow + ".");
    answer.fields.set("Allow", allow);
    return answer;
  }

  /// Everything that can be refused before the operation runs. What a caller may not know of comes first.
  Answer refuse(const ApiKey& caller, const JsonBody& json) const {
    const bool found = route_.operation != nullptr || plugin_.match.route != nullptr;
    const std::string& allow = plugin_.plugin == nullptr ? route_.allow : plugin_.match.allow;
    if (!found) return allow.empty() ? not_found() : not_allowed(allow);
    const plugins::Role role =
        route_.operation != nullptr ? route_.operation->role : plugin_.match.route->role;
    if (auto refused = refuse_role(caller, role, head_.method)) return *std::move(refused);
    for (const auto& [name, value] : route_.parameters)
      if (!services::is_id(value)) return not_found();
    if (json.refusal) return *json.refusal;
    if (const auto key = idempotency_key(head_.fields); !key.ok())
      return invalid({{FieldError::Where::header, "Idempotency-Key", key.error().message}});
    return {};
  }

  Answer change(const JsonBody& json, const std::string& body) {
    const Attempt attempt{"key:" + caller_.id, idempotency_key(head_.fields).value(),
                          request_hash(head_, body)};
    return write_once(
        firm_, attempt,
        [&](db::HostTransaction& transaction) -> Answer {
          const auto caller = sign_in(transaction, firm_, head_);
          if (!caller.ok()) return unauthenticated(firm_, head_);
          caller_ = *caller;
          return refuse(caller_, json);
        },
        [&](db::HostTransaction& transaction) { return call(transaction, caller_, json, body); });
  }

  Answer call(db::HostTransaction& transaction, const ApiKey& caller, const JsonBody& json,
              const std::string& body) {
    Query query(route_.operation == nullptr ? std::string_view() : head_.query,
                route_.operation == nullptr ? std::string_view() : route_.operation->query);
    if (auto refused = query.refusal()) return *std::move(refused);
    Call call{firm_, head_, route_.parameters, query, *json.value, body, transaction, caller};
    return route_.operation != nullptr ? route_.operation->handler(call) : call_plugin(call, plugin_);
  }

  firm::Firm& firm_;
  http::RequestHead head_;
  Route route_;
  PluginRoute plugin_;
  ApiKey caller_;
};

}  // namespace

std::unique_ptr<http::Exchange> begin(firm::Firm& firm, http::RequestHead head) {
  Route found;
  if (head.path.starts_with(kRoot))
    found = route(head.method, std::string_view(head.path).substr(kRoot.size()));
  const bool streamed = found.operation != nullptr && found.operation->handler == nullptr;
  if (streamed) return begin_upload(firm, std::move(head), found.parameters, kLargestDocument);
  return std::make_unique<BufferedExchange>(firm, std::move(head), std::move(found));
}

http::Response refused(int status, std::string_view reason) {
  const Code code = status == 413                    ? Code::too_large
                    : status == 429                  ? Code::too_many
                    : status == 503 || status == 408 ? Code::unavailable
                    : status >= 500                  ? Code::internal
                                                     : Code::invalid;
  const Answer answer = problem(status, code, reason);
  http::Response response;
  response.status = status;
  response.fields = answer.fields;
  response.fields.set("Content-Type", answer.type);
  response.fields.set("Cache-Control", "no-store");
  response.bytes = answer.bytes;
  return response;
}

}  // namespace postern::staff
