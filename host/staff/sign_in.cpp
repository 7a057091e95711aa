#include "host/staff/sign_in.hpp"

#include "host/http/characters.hpp"
#include "host/staff/call.hpp"

namespace postern::staff {
namespace {

constexpr std::size_t kLongestUserAgent = 512;  // bytes, as stored

/// At most `most` bytes, cut between characters; what is not UTF-8 would not go into a database.
std::string cut(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) out.push_back(c >= ' ' && c < 0x7f ? c : '?');
  return out;
}

}  // namespace

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

std::string_view bearer(const http::Fields& fields) {
  std::string_view found;
  int count = 0;
  for (const auto& [name, value] : fields.all())
    if (http::equal_without_case(name, "Authorization")) found = http::trimmed(value), ++count;
  constexpr std::string_view kScheme = "Bearer ";
  if (count != 1 || found.size() <= kScheme.size() ||
      !http::equal_without_case(found.substr(0, kScheme.size()), kScheme))
    return {};
  return http::trimmed(found.substr(kScheme.size()));
}

Result<ApiKey> sign_in(db::HostTransaction& transaction, const firm::Firm& firm,
                       const http::RequestHead& head) {
  transaction.actor.address = head.address;
  transaction.actor.user_agent = cut(head.fields.get("User-Agent"), kLongestUserAgent);
  POSTERN_TRY(ApiKey key, authenticate(transaction, *firm.keys, bearer(head.fields)));
  transaction.actor.member = "key:" + key.id;
  transaction.actor.member_name = key.name;
  return key;
}

Answer unauthenticated(firm::Firm& firm, const http::RequestHead& head) {
  const bool tried = head.fields.has("Authorization");
  if (tried && firm.key_limiter) {
    const Timestamp now = firm.clock->now();
    if (!firm.key_limiter->may_guess(head.address, now)) {
      Answer answer =
          problem(429, Code::too_many, "Too many wrong API keys came from this address; wait a minute.");
      answer.fields.set("Retry-After", "60");
      return answer;
    }
    firm.key_limiter->wrong(head.address, now);
  }
  Answer answer = problem(401, Code::unauthenticated,
                          tried ? "The API key is not valid: it is wrong, expired or revoked."
                                : "An API key is needed; send it as \"Authorization: Bearer postern_…\".");
  answer.fields.set("WWW-Authenticate",
                    tried ? "Bearer realm=\"postern\", error=\"invalid_token\"" : "Bearer realm=\"postern\"");
  return answer;
}

std::optional<Answer> refuse_role(const ApiKey& caller, plugins::Role role, std::string_view method) {
  if (!is_read(method) && role == plugins::Role::read_only) role = plugins::Role::member;
  if (caller.role >= role) return std::nullopt;
  return Answer(Code::forbidden, "The role of this API key is \"" + std::string(name(caller.role)) +
                                     "\"; this needs \"" + std::string(name(role)) + "\".");
}

}  // namespace postern::staff
