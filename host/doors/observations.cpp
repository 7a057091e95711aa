#include "host/doors/observations.hpp"

#include <nlohmann/json.hpp>

namespace postern::doors {
namespace {

constexpr std::size_t kMostWaiting = 20'000;   // beyond it observations are dropped rather than memory filled
constexpr std::size_t kMostRemembered = 50'000;
constexpr std::int64_t kSameOpening = 10 * kMinute;
constexpr auto kRevocations = std::chrono::milliseconds(150);  // a running download stops within a second
constexpr auto kPause = std::chrono::milliseconds(100);  // collects what comes meanwhile into one transaction

}  // namespace

Observations::Observations(firm::Firm& firm, log::Logger& logger) : firm_(firm), logger_(logger) {
  thread_ = std::thread([this] { run(); });
  revocations_ = std::thread([this] { look_for_revocations(); });
}

Observations::~Observations() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  revocations_.join();
}

bool Observations::seen_lately(const db::Actor& actor, Timestamp now) {
  if (lately_.size() >= kMostRemembered)
    std::erase_if(lately_, [&](const auto& entry) { return now - entry.second >= kSameOpening; });
  if (lately_.size() >= kMostRemembered) lately_.clear();
  auto [entry, fresh] = lately_.try_emplace(actor.link + '\n' + actor.address + '\n' + actor.user_agent, now);
  if (!fresh && now - entry->second < kSameOpening) return true;
  entry->second = now;
  return false;
}

void Observations::opened(const db::Actor& actor) {
  const Timestamp now = firm_.clock->now();
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting || seen_lately(actor, now)) return;
  waiting_.push_back({actor, false, {}, now});
  if (waiting_.size() == 1) changed_.notify_all();
}

void Observations::delivered(const db::Actor& actor, Delivery delivery) {
  const std::lock_guard lock(mutex_);
  // A viewer fetches a document in many pieces, one after another: what is still waiting becomes one line.
  for (Item& item : waiting_) {
    const Delivery& other = item.delivery;
    if (!item.is_delivery || item.actor.link != actor.link || other.document != delivery.document ||
        other.version != delivery.version || item.actor.address != actor.address ||
        other.offset + other.delivered != delivery.offset)
      continue;
    item.delivery.delivered += delivery.delivered;
    return;
  }
  if (waiting_.size() >= kMostWaiting) return;
  waiting_.push_back({actor, true, std::move(delivery), firm_.clock->now()});
  if (waiting_.size() == 1) changed_.notify_all();
}

void Observations::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.empty() && !writing_; });
}

void Observations::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    if (!stopping_) changed_.wait_for(lock, kPause, [&] { return stopping_; });
    std::vector<Item> items = std::move(waiting_);
    waiting_.clear();
    writing_ = true;
    lock.unlock();
    write(std::move(items));
    lock.lock();
    writing_ = false;
    changed_.notify_all();
  }
}

void Observations::look_for_revocations() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRevocations, [&] { return stopping_; })) {
    lock.unlock();
    firm_.links->raise_revoked_elsewhere(*firm_.database);
    lock.lock();
  }
}

void Observations::write(std::vector<Item> items) {
  const auto before = progress_;
  const auto done = firm_.database->write([&](db::HostTransaction& transaction) -> Result<void> {
    progress_ = before;  // the transaction may run again
    for (const Item& item : items) {
      transaction.actor = item.actor;
      transaction.now = item.at;
      if (item.is_delivery) {
        write_delivery(transaction, item);
      } else {
        firm_.links->opened(transaction, item.actor.link);
        firm_.audit.append(transaction, "", "link.opened", item.actor.link);
      }
    }
    return {};
  });
  if (!done.ok())
    logger_.event(Severity::error, "observations.lost",
                  {{"firm", firm_.settings.id}, {"reason", done.error().message}, {"count", std::to_string(items.size())}});
}

void Observations::write_delivery(db::HostTransaction& transaction, const Item& item) {
  const Delivery& delivery = item.delivery;
  const std::string key = item.actor.link + '\n' + delivery.document + '\n' + std::to_string(delivery.version);
  Coverage& so_far = progress_[key];
  so_far.add(delivery.offset, delivery.offset + delivery.delivered);
  const bool whole = so_far.whole(delivery.size);
  const nlohmann::json details{{"name", delivery.name},
                               {"version", delivery.version},
                               {"bytes", delivery.delivered},
                               {"complete", whole}};
  if (whole || delivery.delivered > 0)
    firm_.audit.append(transaction, "", !whole ? "document.delivered" : delivery.viewed ? "document.viewed" : "document.downloaded",
                       delivery.document,
                       details.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (!whole) return;
  progress_.erase(key);
  // The last use may have been taken by another download meanwhile; the bytes are out, so it is only noted.
  [[maybe_unused]] const auto used = firm_.links->use(transaction, item.actor.link);
}

}  // namespace postern::doors
