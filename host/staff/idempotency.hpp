// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a change that is asked for twice is made once.
//
// The record of an answer is written in the transaction of the change itself, so there is no instant at which
// one is there and the other is not. What was refused changed nothing; its record is written after the
// roll-back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/http/message.hpp"
#include "host/staff/call.hpp"
#include "host/staff/problem.hpp"

namespace postern::staff {

constexpr std::int64_t kIdempotencyLife = kDay;  // milliseconds; afterwards the key is new again

/// The key of a request: 1 to 255 visible ASCII characters, with or without the quotes of a structured field.
/// Empty when the request has none; an Error when it has several or a wrong one.
Result<std::string> idempotency_key(const http::Fields& fields);

/// What makes two requests the same: method, path, query and body (or the SHA-256 of an uploaded one), in
/// hex.
std::string request_hash(const http::RequestHead& head, std::string_view body);

/// One request under its key.
struct Attempt {
  std::string caller;  // "key:<id>": nobody meets the keys of another
  std::string key;     // empty: nothing is recorded or found
  std::string hash;
};

/// The answer of an earlier attempt, marked with Idempotency-Replayed: true; or 422 when that was another
/// request. Empty when there was none within the last day; older records are deleted on the way. The
/// transaction is writable.
std::optional<Answer> replay(db::HostTransaction& transaction, const firm::Firm& firm,
                             const Attempt& attempt);

/// Records `answer`. The bytes are sealed: answers hold API keys and addresses of links, and a stolen
/// database is to open nothing. Does nothing when the answer says that nothing was tried (see is_recorded) or
/// another one is there.
void record(db::HostTransaction& transaction, const firm::Firm& firm, const Attempt& attempt,
            const Answer& answer);

/// False for what may come out otherwise next time (500 and above, 429) and for what was refused before it
/// was tried: a malformed request, a missing right. A corrected request may use the same key.
bool is_recorded(const Answer& answer);

}  // namespace postern::staff
