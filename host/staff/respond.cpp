#include "host/staff/respond.hpp"

#include "host/log/log.hpp"
#include "host/services/delivery.hpp"

namespace postern::staff {
namespace {

/// What a document's answer says when it cannot be sent: the words of delivery, in our form.
void replace_refusal(http::Response& response) {
  const Code code = response.status == 416   ? Code::range_not_satisfiable
                    : response.status == 412 ? Code::precondition_failed
                                             : Code::internal;
  const std::string_view detail =
      response.status == 416   ? "None of the ranges asked for is within the document."
      : response.status == 412 ? "The document is not the one that If-Match or If-Unmodified-Since names."
                               : "The document could not be read.";
  Answer answer = problem(response.status, code, detail);
  response.bytes = std::move(answer.bytes);
  response.file.reset();
  response.source.reset();
  response.source_length.reset();
  response.fields.set("Content-Type", answer.type);
}

void write_fault(const firm::Firm& firm, const http::RequestHead& head, const std::string& fault) {
  if (firm.logger == nullptr) return;
  firm.logger->event(
      Severity::error, "staff.failed",
      {{"firm", firm.settings.id}, {"method", head.method}, {"path", head.path}, {"reason", fault}});
}

}  // namespace

http::Response respond(const firm::Firm& firm, const http::RequestHead& head, Answer answer) {
  if (!answer.fault.empty()) write_fault(firm, head, answer.fault);
  http::Response response;
  if (answer.document) {
    response =
        services::deliver(head, answer.document->document, *firm.blobs, {answer.document->disposition});
    if (response.status >= 400) replace_refusal(response);
  } else {
    response.status = answer.status;
    response.bytes = std::move(answer.bytes);
    if (!answer.type.empty() && answer.status != 204) response.fields.set("Content-Type", answer.type);
    response.fields.set("Cache-Control", "no-store");
    response.fields.set("X-Content-Type-Options", "nosniff");
  }
  for (const auto& [name, value] : answer.fields.all()) response.fields.set(name, value);
  if (head.secure) response.fields.set("Strict-Transport-Security", "max-age=31536000");
  return response;
}

Answer write_once(firm::Firm& firm, const Attempt& attempt,
                  const std::function<Answer(db::HostTransaction&)>& check,
                  const std::function<Answer(db::HostTransaction&)>& work) {
  bool replayed = false;
  Answer answer = firm.database->write([&](db::HostTransaction& transaction) -> Answer {
    replayed = false;
    if (Answer refused = check(transaction); !refused.ok()) return refused;
    if (auto earlier = replay(transaction, firm, attempt)) {
      replayed = true;
      return *std::move(earlier);
    }
    Answer done = work(transaction);
    if (done.ok()) record(transaction, firm, attempt, done);
    return done;
  });
  if (answer.ok() || replayed || attempt.key.empty() || !is_recorded(answer)) return answer;
  // It changed nothing. Should another attempt have got in between, then its answer is the one that counts.
  const auto kept = firm.database->write([&](db::HostTransaction& transaction) -> Result<Answer> {
    if (auto earlier = replay(transaction, firm, attempt)) return *std::move(earlier);
    record(transaction, firm, attempt, answer);
    return answer;
  });
  return kept.ok() ? *kept : answer;
}

Answer fenced(const std::function<Answer()>& act) {
  try {
    return act();
  } catch (const std::exception& error) {
    return {Code::internal, std::string("exception: ") + error.what()};
  } catch (...) {
    return {Code::internal, "an exception that says nothing"};
  }
}

}  // namespace postern::staff
