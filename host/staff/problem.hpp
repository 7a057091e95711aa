// Answer: what an operation says, and problem details (RFC 9457) for everything that is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/message.hpp"
#include "host/services/documents.hpp"
#include "postern/door.hpp"
#include "postern/result.hpp"

namespace postern::staff {

/// A stored document as the answer's bytes, opened only after the transaction has ended.
struct DocumentAnswer {
  services::Document document;
  Disposition disposition = Disposition::attachment;
};

/// A value: lives through the commit, and through the idempotency record. 400 and above rolls the transaction
/// back.
struct Answer {
  Answer() = default;
  /// The problem that says `error`; of Code::internal only that it happened.
  Answer(const Error& error);  // NOLINT: so that POSTERN_TRY works in operations
  Answer(Code code, std::string detail, std::string field = {})
      : Answer(Error{code, std::move(detail), std::move(field)}) {}

  bool ok() const { return status < 400; }

  int status = 200;
  http::Fields fields;
  std::string type = "application/json";
  std::string bytes;
  std::optional<DocumentAnswer> document;
  std::string fault;  // of Code::internal: what happened, for the log only
};

/// One wrong part of a request.
struct FieldError {
  enum class Where : std::uint8_t { body, query, header };
  Where where = Where::body;
  std::string name;    // body: JSON pointer ("/name"); query and header: the name
  std::string detail;  // what was found, what is wanted
};

/// application/problem+json with "type", "title", "status", "detail", "code" and, if there are any, "errors".
Answer problem(int status, Code code, std::string_view detail, const std::vector<FieldError>& errors = {});
/// 400 with one or several wrong parts.
Answer invalid(const std::vector<FieldError>& errors);
/// 404 in the one wording that all missing, foreign and malformed ids share.
Answer not_found();
/// not_found() in place of whatever wording a service has for it; any other error as it is.
Answer missing_or(const Error& error);
/// The phrase of a status (RFC 9110 section 15), e.g. "Not Found".
std::string_view phrase(int status);

}  // namespace postern::staff
