#include "host/staff/idempotency.hpp"

#include <nlohmann/json.hpp>

#include "host/crypto/crypto.hpp"
#include "host/http/characters.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

/// A key of its own for this use, so that no other use of the API key pepper can open or forge a record.
crypto::Key sealing_key(const firm::Firm& firm) {
  const auto derived =
      crypto::hmac_sha256(firm.keys->api().bytes(), crypto::bytes("postern idempotency record"));
  return *crypto::Key::from_bytes(derived);
}

/// Binds the sealed bytes to their row.
std::string context(const Attempt& attempt) {
  return "idempotency\n" + attempt.caller + "\n" + attempt.key + "\n" + attempt.hash;
}

/// Everything of an answer but status and bytes.
std::string describe(const Answer& answer) {
  Json json{{"type", answer.type}, {"fields", Json::array()}};
  for (const auto& [name, value] : answer.fields.all()) json["fields"].push_back({name, value});
  if (answer.document)
    json["document"] = {answer.document->document.id, answer.document->document.version,
                        static_cast<int>(answer.document->disposition)};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Answer restore(db::HostTransaction& transaction, const firm::Firm& firm, const Attempt& attempt,
               const db::Row& row) {
  Answer answer;
  answer.status = static_cast<int>(row[1].integer());
  const Json json = Json::parse(row[2].text());
  answer.type = json.at("type").get<std::string>();
  for (const Json& field : json.at("fields"))
    answer.fields.add(field.at(0).get<std::string>(), field.at(1).get<std::string>());
  const auto sealed = crypto::unbase64(row[3].text());
  if (!sealed) return {Code::internal, "an idempotency record is damaged: not base64"};
  POSTERN_TRY(answer.bytes, crypto::open(sealing_key(firm), context(attempt), crypto::bytes(*sealed)));
  if (json.contains("document")) {
    const Json& document = json.at("document");
    POSTERN_TRY(auto found,
                firm.documents->document(transaction, document.at(0).get<std::string>(), document.at(1)));
    answer.document = {std::move(found), static_cast<Disposition>(document.at(2).get<int>())};
  }
  answer.fields.set("Idempotency-Replayed", "true");
  return answer;
}

}  // namespace

Result<std::string> idempotency_key(const http::Fields& fields) {
  std::string_view key;
  int count = 0;
  for (const auto& [name, value] : fields.all())
    if (http::equal_without_case(name, "Idempotency-Key")) key = http::trimmed(value), ++count;
  if (count == 0) return std::string();
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
  if (count > 1 || key.empty() || key.size() > 255 || !visible)
    return {
        Code::invalid,
        "\"Idempotency-Key\" is not usable; wanted is one text of 1 to 255 visible ASCII characters, best a "
        "UUID that was made for this request alone.",
        "Idempotency-Key"};
  return std::string(key);
}

std::string request_hash(const http::RequestHead& head, std::string_view body) {
  crypto::Sha256 hash;
  // Each part behind its length, so that no two requests make the same text.
  for (const std::string_view part :
       {std::string_view(head.method), std::string_view(head.path), std::string_view(head.query), body}) {
    hash.update(crypto::bytes(std::to_string(part.size()) + "\n"));
    hash.update(crypto::bytes(part));
  }
  return crypto::hex(hash.finish());
}

std::optional<Answer> replay(db::HostTransaction& transaction, const firm::Firm& firm,
                             const Attempt& attempt) {
  if (attempt.key.empty()) return std::nullopt;
  transaction.change("delete from idempotency where created_at <= :before",
                     {transaction.now + -kIdempotencyLife});
  const auto row = transaction.row(
      "select request_hash, status, fields, body from idempotency where caller = :caller and idempotency_key "
      "= :key",
      {attempt.caller, attempt.key});
  if (!row) return std::nullopt;
  if ((*row)[0].text() != attempt.hash)
    return problem(
        422, Code::unprocessable,
        "This Idempotency-Key was used for another request within the last 24 hours; make a new key for each "
        "request, and use it again only to repeat that very request.",
        {{FieldError::Where::header, "Idempotency-Key", "It belongs to another request."}});
  return restore(transaction, firm, attempt, *row);
}

bool is_recorded(const Answer& answer) {
  switch (answer.status) {
    case 400:
    case 401:
    case 403:
    case 413:
    case 415:
    case 429:
      return false;
    default:
      return answer.status < 500;
  }
}

void record(db::HostTransaction& transaction, const firm::Firm& firm, const Attempt& attempt,
            const Answer& answer) {
  if (attempt.key.empty() || !is_recorded(answer)) return;
  const std::string sealed = crypto::seal(sealing_key(firm), context(attempt), crypto::bytes(answer.bytes));
  transaction.change(
      "insert into idempotency (caller, idempotency_key, request_hash, status, fields, body, created_at) "
      "values (:caller, :key, :hash, :status, :fields, :body, :now) on conflict do nothing",
      {attempt.caller, attempt.key, attempt.hash, answer.status, describe(answer),
       crypto::base64(crypto::bytes(sealed)), transaction.now});
}

}  // namespace postern::staff
