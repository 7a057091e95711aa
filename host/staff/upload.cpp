#include "host/staff/upload.hpp"

#include <nlohmann/json.hpp>

#include "host/services/id.hpp"
#include "host/staff/operations.hpp"
#include "host/staff/respond.hpp"
#include "host/staff/sign_in.hpp"

namespace postern::staff {
namespace {

Answer wrong_header(std::string_view name, std::string detail) {
  return invalid({{FieldError::Where::header, std::string(name), std::move(detail)}});
}

/// admit(), take()... and answer() come one after the other, each on a thread of its own.
class Upload final : public http::Exchange {
 public:
  Upload(firm::Firm& firm, http::RequestHead head, std::map<std::string, std::string> parameters,
         std::uint64_t limit)
      : firm_(firm), head_(std::move(head)), parameters_(std::move(parameters)), limit_(limit) {}

  http::BodyMode body_mode() const override { return http::BodyMode::streamed; }
  std::uint64_t body_limit() const override { return limit_; }

  std::optional<http::Response> admit() override {
    Answer answer = fenced([&] { return begin(); });
    if (answer.ok()) return std::nullopt;
    return respond(firm_, head_, std::move(answer));
  }

  bool take(std::span<const std::byte> piece) override {
    if (stopped_) return false;
    if (static_cast<std::uint64_t>(writer_->bytes()) + piece.size() > limit_) {
      stopped_ = too_large();
      return false;
    }
    stopped_ = [&]() -> std::optional<Answer> {
      Answer answer = fenced([&]() -> Answer {
        POSTERN_CHECK(writer_->write(piece));
        return {};
      });
      if (answer.ok()) return std::nullopt;
      return answer;
    }();
    return !stopped_;
  }

  http::Response answer(std::string) override {
    return respond(firm_, head_, fenced([&]() -> Answer {
                     if (stopped_) return *std::move(stopped_);
                     return finish();
                   }));
  }

 private:
  const std::string& folder() const { return parameters_.at("folder"); }
  const std::string& name() const { return parameters_.at("name"); }

  Answer too_large() const {
    return {Code::too_large,
            "The document is larger than the " + std::to_string(limit_) + " bytes that one may have."};
  }

  /// Everything that can be refused before the first byte is read.
  Answer begin() {
    bool signed_in = false;
    Answer looked = firm_.database->read([&](db::HostTransaction& transaction) -> Answer {
      signed_in = false;
      const auto caller = sign_in(transaction, firm_, head_);
      if (!caller.ok()) return caller.error();
      signed_in = true;
      return check(transaction, *caller);
    });
    if (!signed_in && looked.status == 401) return unauthenticated(firm_, head_);
    if (!looked.ok()) return looked;
    if (Answer refused = read_head(); !refused.ok()) return refused;
    std::optional<std::int64_t> expected;
    if (head_.content_length) expected = static_cast<std::int64_t>(*head_.content_length);
    POSTERN_TRY(writer_, firm_.blobs->create(expected));
    return {};
  }

  /// May this caller put a document of that name there?
  Answer check(db::HostTransaction& transaction, const ApiKey& caller) {
    if (auto refused = refuse_role(caller, plugins::Role::member, head_.method)) return *std::move(refused);
    if (!services::is_id(folder())) return not_found();
    if (const auto found = firm_.documents->folder(transaction, folder()); !found.ok())
      return missing_or(found.error());
    Query query(head_.query, "");
    if (auto refused = query.refusal()) return *std::move(refused);
    return {};
  }

  Answer read_head() {
    const http::Fields& fields = head_.fields;
    if (!head_.content_length && !head_.chunked)
      return problem(411, Code::invalid,
                     "Say how long the document is with Content-Length, or send it chunked.");
    if (head_.content_length.value_or(0) > limit_) return too_large();
    if (fields.has("Content-Encoding") && fields.get("Content-Encoding") != "identity")
      return problem(415, Code::unsupported_type,
                     "The document is stored as it comes; send it without Content-Encoding.");
    if (fields.has("Content-Range"))
      return wrong_header("Content-Range", "A PUT replaces the whole document (RFC 9110 section 14.5).");
    const std::string_view condition = fields.get("If-None-Match");
    if (!condition.empty() && condition != "*")
      return wrong_header("If-None-Match",
                          "Only \"*\" is taken: refuse when a document of that name is there.");
    only_new_ = condition == "*";
    auto digest = announced_sha256(fields);
    if (!digest.ok()) return wrong_header(digest.error().field, digest.error().message);
    sha256_ = *std::move(digest);
    auto key = idempotency_key(fields);
    if (!key.ok()) return wrong_header("Idempotency-Key", key.error().message);
    key_ = *std::move(key);
    // Without a key nothing can be replayed, so a name that is taken is refused before the bytes are sent.
    return only_new_ && key_.empty() ? early_condition() : Answer();
  }

  Answer early_condition() {
    return firm_.database->read([&](db::HostTransaction& transaction) { return condition(transaction); });
  }

  /// If-None-Match: *.
  Answer condition(db::HostTransaction& transaction) const {
    if (!only_new_) return {};
    const auto row = transaction.row("select id from documents where folder_id = :folder and name = :name",
                                     {folder(), services::clean_name(name())});
    if (!row) return {};
    return {Code::precondition_failed,
            "The folder holds a document of that name already; without \"If-None-Match: *\" this "
            "becomes its next version."};
  }

  Answer finish() {
    if (head_.content_length && static_cast<std::uint64_t>(writer_->bytes()) != *head_.content_length)
      return {Code::invalid, "The body is shorter than its Content-Length; nothing of it was kept."};
    POSTERN_TRY(const services::Blob blob, writer_->finish());
    if (sha256_ && *sha256_ != blob.sha256) {
      discard(blob);
      return wrong_header("Content-Digest", "The bytes that came have the SHA-256 " + blob.sha256 +
                                                " (hex), not the one announced; nothing of them was kept.");
    }
    // Once the database may have been told of the blob, only the sweep may remove it: a commit whose outcome
    // is unknown could have named it.
    bool used = false;
    Answer answer = write(blob, used);
    if (!used) discard(blob);
    return answer;
  }

  /// `used`: false when surely no row names the blob.
  Answer write(const services::Blob& blob, bool& used) {
    ApiKey caller;
    Attempt attempt{{}, key_, request_hash(head_, blob.sha256)};
    const Answer known = firm_.database->read([&](db::HostTransaction& transaction) -> Answer {
      POSTERN_TRY(caller, sign_in(transaction, firm_, head_));
      return {};
    });
    if (!known.ok()) return known;
    attempt.caller = "key:" + caller.id;
    return write_once(
        firm_, attempt,
        [&](db::HostTransaction& transaction) -> Answer {
          POSTERN_TRY(caller, sign_in(transaction, firm_, head_));
          return check(transaction, caller);
        },
        [&](db::HostTransaction& transaction) -> Answer {
          if (Answer refused = condition(transaction); !refused.ok()) return refused;
          POSTERN_TRY(const auto document,
                      firm_.documents->add(transaction, folder(), name(), blob, transaction.actor.member));
          used = true;
          return document.version == 1 ? created(to_json(document), "documents/" + document.id)
                                       : json_answer(to_json(document));
        });
  }

  void discard(const services::Blob& blob) {
    // What cannot be removed now is swept later.
    if (const auto removed = firm_.blobs->remove(blob.id); !removed.ok()) return;
  }

  firm::Firm& firm_;
  http::RequestHead head_;
  std::map<std::string, std::string> parameters_;
  std::uint64_t limit_;
  std::unique_ptr<services::BlobWriter> writer_;
  std::optional<std::string> sha256_;  // announced, hex
  std::string key_;                    // Idempotency-Key
  bool only_new_ = false;
  std::optional<Answer> stopped_;  // why take() stopped
};

}  // namespace

std::unique_ptr<http::Exchange> begin_upload(firm::Firm& firm, http::RequestHead head,
                                             std::map<std::string, std::string> parameters,
                                             std::uint64_t limit) {
  return std::make_unique<Upload>(firm, std::move(head), std::move(parameters), limit);
}

}  // namespace postern::staff
