// Who is calling: the API key of a request, checked, and the role an operation asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"
#include "host/staff/keys.hpp"
#include "host/staff/problem.hpp"

namespace postern::staff {

/// The text behind "Authorization: Bearer"; empty when there is no such field, another scheme, or several
/// fields.
std::string_view bearer(const http::Fields& fields);

/// Finds the caller's key and makes it the actor of the transaction. Code::unauthenticated otherwise.
Result<ApiKey> sign_in(db::HostTransaction& transaction, const firm::Firm& firm,
                       const http::RequestHead& head);

/// The answer to a request that nobody vouched for: 401, or 429 once the address has guessed too often.
/// Counts the guess, so it is called once a request, outside the transaction.
Answer unauthenticated(firm::Firm& firm, const http::RequestHead& head);

/// 403 when `caller` may not do what needs `role`. A key that may only read may call no method that changes
/// anything.
std::optional<Answer> refuse_role(const ApiKey& caller, plugins::Role role, std::string_view method);

bool is_read(std::string_view method);

}  // namespace postern::staff
