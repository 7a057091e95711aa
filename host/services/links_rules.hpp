// What a link may be issued with: each field's form and length, checked before anything is written.
#pragma once

#include "host/services/links.hpp"

namespace postern::services {

/// Code::invalid naming the field (`resource`, `recipient.name`, `recipient.email`, `recipient.phone`,
/// `recipient.language`, `maximum_uses`), what was found and what is wanted. Times are checked by
/// check_expiry(). [any thread]
Result<void> check_new_link(const NewLink& link);

/// Code::invalid unless `now` < `expires` <= `now` + `longest` and `not_before` < `expires`. [any thread]
Result<void> check_expiry(Timestamp now, Timestamp not_before, Timestamp expires, std::int64_t longest);

}  // namespace postern::services
