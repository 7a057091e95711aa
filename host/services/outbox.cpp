#include "host/services/outbox.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "host/services/id.hpp"
#include "host/services/json_values.hpp"
#include "host/services/mime.hpp"
#include "host/services/outbox_compose.hpp"
#include "host/services/outbox_schedule.hpp"

namespace postern::services {
namespace {

constexpr std::size_t kLongestName = 200;  // bytes
constexpr std::size_t kLongestQuotation = 10'000;
constexpr std::size_t kLargestValues = 64 * 1024;
constexpr std::size_t kLongestReason = 500;
constexpr std::int64_t kLongestSleep = 30 * kSecond;  // another host may have queued something

constexpr const char* kColumns =
    "id, plugin, message_key, reference, link_id, recipient_name, recipient_email, language, message_values, "
    "member_name, "
    "member_email, quotation, attempts, created_at";

/// A message this worker may send until its lease is over.
struct Claimed {
  Draft draft;
  std::int64_t attempts = 0;  // with this one
  DraftLink link;
  std::string refusal;  // not empty: it must not be sent, and why
};

/// What became of an attempt, until it is recorded.
struct Outcome {
  Claimed claimed;
  Attempt attempt;
};

/// Rings when there may be something to send. Shared with transactions that are still to be committed.
struct Bell {
  std::mutex mutex;
  std::condition_variable rung;
  bool ringing = false;
  bool stopping = false;

  void ring() {
    const std::lock_guard lock(mutex);
    ringing = true;
    rung.notify_one();
  }
};

Claimed claimed_from(const db::Row& row) {
  Claimed claimed;
  auto& message = claimed.draft.message;
  claimed.draft.id = row[0].text();
  message.plugin = row[1].text();
  message.key = row[2].text();
  message.reference = row[3].text();
  message.link = row[4].text();
  message.name = row[5].text();
  message.email = row[6].text();
  message.language = row[7].text();
  message.values = row[8].text();
  message.member_name = row[9].text();
  message.member_email = row[10].text();
  message.quotation = row[11].text();
  claimed.attempts = row[12].integer() + 1;
  claimed.draft.created = {row[13].integer()};
  return claimed;
}

Result<void> check_names(const NewMessage& message) {
  for (const auto& [text, field] :
       {std::pair<const std::string&, const char*>{message.name, "recipient.name"},
        {message.member_name, "member_name"}}) {
    if (text.size() > kLongestName || !mime::is_header_text(text))
      return {Code::invalid,
              std::string(field) + " holds a line break or a control character, or is longer than 200 bytes",
              field};
  }
  if (message.quotation.size() > kLongestQuotation)
    return {Code::invalid, "the quotation is longer than 10,000 bytes", "quotation"};
  if (!is_json_object(message.values, kLargestValues))
    return {Code::invalid, "the values of a message are a JSON object of at most 64 KiB", "values"};
  if (message.key.empty()) return {Code::invalid, "the message names no text", "key"};
  return {};
}

}  // namespace

struct Outbox::State {
  db::FirmDatabase& database;
  const Links& links;
  const Pages& pages;
  const Audit& audit;
  const Clock& clock;
  Sender sender;
  std::unique_ptr<MailTransport> transport;
  RetryPolicy retry;
  std::shared_ptr<Bell> bell = std::make_shared<Bell>();
  std::optional<Outcome>
      unrecorded;  // of the working thread: sent, but the database did not take the news yet
  std::mutex working;
  std::thread thread;

  Attempt attempt(const Claimed& claimed);
  /// One transaction: records what became of the last attempt and claims the next message.
  Result<std::optional<Claimed>> record_and_claim(bool claim_next);
  void record(db::HostTransaction& transaction, const Outcome& outcome) const;
  std::optional<Claimed> claim(db::HostTransaction& transaction) const;
  void look_at_link(db::HostTransaction& transaction, Claimed& claimed) const;
  std::int64_t milliseconds_to_next() const;
  void take_back() const;
  void run(Outbox& outbox);
};

Outbox::Outbox(db::FirmDatabase& database, const Links& links, const Pages& pages, const Audit& audit,
               const Clock& clock, Sender sender, std::unique_ptr<MailTransport> transport, RetryPolicy retry)
    : state_(new State{database,
                       links,
                       pages,
                       audit,
                       clock,
                       std::move(sender),
                       std::move(transport),
                       retry,
                       std::make_shared<Bell>(),
                       {},
                       {},
                       {}}) {}

Outbox::~Outbox() { stop(); }

Result<std::string> Outbox::queue(db::HostTransaction& transaction, const NewMessage& message) {
  if (message.email.empty())
    return {Code::invalid, "the recipient has no email address, so no message can be sent; add one",
            "recipient.email"};
  if (auto address = mime::envelope_address(message.email); !address.ok())
    return {address.code(), address.error().message, "recipient.email"};
  if (!message.member_email.empty())
    if (auto address = mime::envelope_address(message.member_email); !address.ok())
      return {address.code(), "member_email: " + address.error().message, "member_email"};
  POSTERN_CHECK(check_names(message));
  Timestamp expires{0};
  if (!message.link.empty()) {
    POSTERN_TRY(const auto link, state_->links.find(transaction, message.link));
    if (link.plugin != message.plugin)
      return {Code::not_found, "the message names a link that is not there", "link"};
    expires = link.expires;
  }
  POSTERN_CHECK(check_texts(state_->pages, message, expires));

  const auto id = new_id(transaction.now);
  transaction.change(
      "insert into outbox (id, plugin, message_key, reference, link_id, recipient_name, recipient_email, "
      "language, "
      "message_values, member_name, member_email, quotation, state, attempts, reason, created_at, "
      "next_attempt_at, sent_at) "
      "values (:id, :plugin, :message_key, :reference, :link_id, :recipient_name, :recipient_email, "
      ":language, "
      ":message_values, :member_name, :member_email, :quotation, 'waiting', 0, '', :created_at, "
      ":next_attempt_at, 0)",
      {id, message.plugin, message.key, message.reference, message.link, message.name, message.email,
       message.language, message.values, message.member_name, message.member_email, message.quotation,
       transaction.now, transaction.now});
  transaction.after_commit([bell = state_->bell] { bell->ring(); });
  return id;
}

std::vector<OutboxMessage> Outbox::list(db::HostTransaction& transaction, std::string_view reference,
                                        const std::string& after, int limit) const {
  const auto rows = transaction.rows(
      "select id, plugin, message_key, reference, link_id, recipient_name, recipient_email, state, attempts, "
      "reason, "
      "created_at, next_attempt_at, sent_at from outbox where (:all = 1 or reference = :reference) and id > "
      ":after order by id limit :limit",
      {reference.empty(), reference, after, std::clamp(limit, 1, 1000)});
  std::vector<OutboxMessage> messages;
  messages.reserve(rows.size());
  for (const auto& row : rows)
    messages.push_back({row[0].text(),
                        row[1].text(),
                        row[2].text(),
                        row[3].text(),
                        row[4].text(),
                        row[5].text(),
                        row[6].text(),
                        row[7].text(),
                        row[8].integer(),
                        row[9].text(),
                        {row[10].integer()},
                        {row[11].integer()},
                        {row[12].integer()}});
  return messages;
}

int Outbox::work_once() {
  const std::lock_guard lock(state_->working);
  int tried = 0;
  while (true) {
    bool stopping = false;
    {
      const std::lock_guard bell_lock(state_->bell->mutex);
      stopping = state_->bell->stopping;
    }
    auto claimed = state_->record_and_claim(!stopping);
    if (!claimed.ok() || !*claimed) return tried;
    auto& message = **claimed;
    const auto attempt = state_->attempt(message);
    state_->unrecorded = Outcome{std::move(message), attempt};
    ++tried;
  }
}

Attempt Outbox::State::attempt(const Claimed& claimed) {
  if (!claimed.refusal.empty()) return {Delivered::never, claimed.refusal};
  const auto mail = compose(pages, sender, claimed.draft, claimed.link);
  if (!mail.ok()) return {Delivered::never, mail.error().message};
  return transport->send(*mail);
}

Result<std::optional<Claimed>> Outbox::State::record_and_claim(bool claim_next) {
  auto next = database.write([&](db::HostTransaction& transaction) -> Result<std::optional<Claimed>> {
    if (unrecorded) record(transaction, *unrecorded);
    if (!claim_next) return std::optional<Claimed>();
    return claim(transaction);
  });
  if (next.ok()) unrecorded.reset();
  return next;
}

void Outbox::State::record(db::HostTransaction& transaction, const Outcome& outcome) const {
  const auto& [claimed, attempt] = outcome;
  const auto& message = claimed.draft.message;
  auto delivered = attempt.delivered;
  auto reason = attempt.reason.substr(0, kLongestReason);
  if (delivered == Delivered::later) {
    if (const auto again =
            next_attempt(retry, claimed.draft.id, claimed.attempts, claimed.draft.created, transaction.now)) {
      // Another worker may have taken it meanwhile, when this attempt outlived its lease: then theirs counts.
      transaction.change(
          "update outbox set reason = :reason, next_attempt_at = :next where id = :id and state = 'waiting' "
          "and "
          "attempts = :attempts",
          {reason, *again, claimed.draft.id, claimed.attempts});
      return;
    }
    delivered = Delivered::never;
    reason = "given up after " + std::to_string(claimed.attempts) + " attempts: " + reason;
  }
  const bool sent = delivered == Delivered::yes;
  const auto changed = transaction.change(
      "update outbox set state = :state, reason = :reason, sent_at = :sent_at, next_attempt_at = 0 where id "
      "= :id and "
      "state = 'waiting'",
      {sent ? "sent" : "failed", sent ? std::string() : reason, sent ? transaction.now : Timestamp{0},
       claimed.draft.id});
  if (changed == 0) return;
  transaction.actor = {};
  transaction.actor.link = message.link;
  transaction.actor.recipient = message.email;
  const auto details = with_fields("{}", {{"key", std::string_view(message.key)},
                                          {"reference", std::string_view(message.reference)},
                                          {"attempts", claimed.attempts},
                                          {"reason", std::string_view(sent ? std::string_view() : reason)}});
  audit.append(transaction, message.plugin, sent ? "message.sent" : "message.failed", claimed.draft.id,
               details);
  transaction.actor = {};
}

std::optional<Claimed> Outbox::State::claim(db::HostTransaction& transaction) const {
  // Writers of a firm run one at a time, on both databases, so nobody else can claim the row between the two
  // statements.
  const auto row =
      transaction.row(std::string("select ") + kColumns +
                          " from outbox where state = 'waiting' and next_attempt_at <= :now order by "
                          "next_attempt_at, id limit 1",
                      {transaction.now});
  if (!row) return std::nullopt;
  auto claimed = claimed_from(*row);
  transaction.change("update outbox set attempts = :attempts, next_attempt_at = :lease where id = :id",
                     {claimed.attempts, transaction.now + retry.lease, claimed.draft.id});
  look_at_link(transaction, claimed);
  return claimed;
}

/// The token is put in now and only here; a link that has ended is not sent any more.
void Outbox::State::look_at_link(db::HostTransaction& transaction, Claimed& claimed) const {
  const auto& id = claimed.draft.message.link;
  if (id.empty()) return;
  const auto link = links.find(transaction, id);
  if (!link.ok()) {
    claimed.refusal = "the link of this message is not there any more";
    return;
  }
  switch (link->state(transaction.now)) {
    case LinkState::revoked:
      claimed.refusal = "the link was revoked before the message was sent";
      return;
    case LinkState::expired:
      claimed.refusal = "the link expired before the message was sent";
      return;
    case LinkState::used_up:
      claimed.refusal = "the link was used up before the message was sent";
      return;
    case LinkState::pending:
    case LinkState::active:
      break;
  }
  auto address = links.address(*link);
  if (!address.ok()) {
    claimed.refusal = address.error().message;
    return;
  }
  claimed.link = {std::move(address).value(), link->expires};
}

std::int64_t Outbox::State::milliseconds_to_next() const {
  const auto due = database.read([](db::HostTransaction& transaction) -> Result<Timestamp> {
    const auto row = transaction.row("select min(next_attempt_at) from outbox where state = 'waiting'");
    return row && !(*row)[0].is_null() ? Timestamp{(*row)[0].integer()} : kNever;
  });
  if (!due.ok() || *due == kNever) return kLongestSleep;
  return std::clamp<std::int64_t>(*due - clock.now(), 0, kLongestSleep);
}

void Outbox::State::run(Outbox& outbox) {
  while (true) {
    outbox.work_once();
    // A database that is away gets a moment, however due a message is.
    const auto wait = unrecorded ? kSecond : std::max<std::int64_t>(milliseconds_to_next(), 50);
    std::unique_lock lock(bell->mutex);
    bell->rung.wait_for(lock, std::chrono::milliseconds(wait),
                        [this] { return bell->ringing || bell->stopping; });
    bell->ringing = false;
    if (bell->stopping) return;
  }
}

void Outbox::State::take_back() const {
  if (database.dialect() != db::Dialect::sqlite) return;
  // A failure is only a longer wait: the lease ends by itself.
  [[maybe_unused]] const auto done = database.write([](db::HostTransaction& transaction) -> Result<void> {
    transaction.change(
        "update outbox set next_attempt_at = :now where state = 'waiting' and next_attempt_at > :later",
        {transaction.now, transaction.now});
    return {};
  });
}

void Outbox::start() {
  state_->take_back();
  state_->thread = std::thread([this] { state_->run(*this); });
}

void Outbox::stop() {
  {
    const std::lock_guard lock(state_->bell->mutex);
    state_->bell->stopping = true;
    state_->bell->rung.notify_all();
  }
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace postern::services
