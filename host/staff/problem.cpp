#include "host/staff/problem.hpp"

#include <nlohmann/json.hpp>
#include "host/http/response_head.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const FieldError& error) {
  Json json;
  json["detail"] = error.detail;
  switch (error.where) {
    case FieldError::Where::body:
      json["pointer"] = "#" + error.name;
      break;
    case FieldError::Where::query:
      json["parameter"] = error.name;
      break;
    case FieldError::Where::header:
      json["header"] = error.name;
      break;
  }
  return json;
}

std::vector<FieldError> errors_of(const Error& error) {
  if (error.field.empty() || error.code == Code::internal) return {};
  const bool pointer = error.field.front() == '/';
  return {{FieldError::Where::body, pointer ? error.field : "/" + error.field, error.message}};
}

}  // namespace

Answer problem(int status, Code code, std::string_view detail, const std::vector<FieldError>& errors) {
  Json json;
  json["type"] = "about:blank";
  json["title"] = http::reason_phrase(status);
  json["status"] = status;
  json["detail"] = detail;
  json["code"] = name(code);
  for (const FieldError& error : errors) json["errors"].push_back(to_json(error));
  Answer answer;
  answer.status = status;
  answer.type = "application/problem+json";
  // A message may quote what was sent; whatever of it is not UTF-8 is replaced.
  answer.bytes = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (status == 503) answer.fields.set("Retry-After", "5");
  return answer;
}

Answer::Answer(const Error& error)
    : Answer(problem(
          http_status(error.code), error.code,
          error.code == Code::internal
              ? "Something went wrong here, not with your request. It was written to the log; try again "
                "later."
              : std::string_view(error.message),
          errors_of(error))) {
  if (error.code == Code::internal) fault = error.message;
}

Answer invalid(const std::vector<FieldError>& errors) {
  const std::string detail =
      errors.size() == 1 ? errors.front().detail
                         : std::to_string(errors.size()) + " parts of the request are wrong; see \"errors\".";
  return problem(400, Code::invalid, detail, errors);
}

Answer not_found() { return problem(404, Code::not_found, "There is nothing here that this key may see."); }

Answer missing_or(const Error& error) { return error.code == Code::not_found ? not_found() : Answer(error); }

}  // namespace postern::staff
