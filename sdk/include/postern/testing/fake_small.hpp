// The small fakes: clock, random, log, settings, audit, notifier and pages. Each keeps what it was given, for
// tests to look at, and can be told to fail (fault.hpp).
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postern/audit.hpp"
#include "postern/clock.hpp"
#include "postern/notifier.hpp"
#include "postern/pages.hpp"
#include "postern/settings.hpp"
#include "postern/testing/fake_database.hpp"

namespace postern::testing {

/// Stands still until it is told to move. Begins at 2026-01-01T09:00:00Z.
class FakeClock final : public Clock {
 public:
  Timestamp now() const noexcept override { return {now_.load()}; }
  void set(Timestamp time) { now_ = time.ms; }
  void advance(std::int64_t milliseconds) { now_ += milliseconds; }

 private:
  std::atomic<std::int64_t> now_{1767258000000};
};

/// Counts: the same bytes in every run, and never the same twice in one.
class FakeRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) noexcept override {
    auto number = ++count_;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[out.size() - 1 - i] = i < 8 ? std::byte(number >> (8 * i)) : std::byte{0};
  }

 private:
  std::atomic<std::uint64_t> count_{0};
};

class FakeLog final : public Log {
 public:
  void write(Severity severity, std::string_view message) noexcept override {
    std::lock_guard lock(mutex_);
    lines_.emplace_back(severity, message);
  }
  std::vector<std::pair<Severity, std::string>> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Severity, std::string>> lines_;
};

/// Settings as a test wants them; set them before the plugin is configured.
class FakeSettings final : public Settings {
 public:
  void set(std::string path, std::string text) { texts_[std::move(path)] = std::move(text); }
  void set(std::string path, const char* text) { set(std::move(path), std::string(text)); }
  void set(std::string path, std::integral auto number) {
    integers_[std::move(path)] = static_cast<std::int64_t>(number);
  }
  void set_json(std::string path, std::string json) { lists_[std::move(path)] = std::move(json); }

  std::string_view text(std::string_view path) const noexcept override { return of(texts_, path); }
  std::int64_t integer(std::string_view path) const noexcept override { return of(integers_, path); }
  bool flag(std::string_view path) const noexcept override { return of(integers_, path) != 0; }
  std::string_view json(std::string_view path) const noexcept override { return of(lists_, path); }

 private:
  template <class T>
  static T of(const std::map<std::string, T, std::less<>>& map, std::string_view path) {
    auto found = map.find(path);
    return found == map.end() ? T() : found->second;
  }
  static std::string_view of(const std::map<std::string, std::string, std::less<>>& map,
                             std::string_view path) {
    auto found = map.find(path);
    return found == map.end() ? std::string_view() : std::string_view(found->second);
  }

  std::map<std::string, std::string, std::less<>> texts_, lists_;
  std::map<std::string, std::int64_t, std::less<>> integers_;
};

struct AuditEntry {
  std::string event, subject, details;
};

/// `lines` are those of committed transactions and of the one that runs.
class FakeAudit final : public Audit, public Faults {
 public:
  FakeAudit() : Faults(kId) {}

  Code append(Transaction& transaction, std::string_view event, std::string_view subject,
              std::string_view details, ErrorSink& error) override {
    constexpr std::size_t kLargestDetails = 16 * 1024;
    if (Code code = strike(error); code != Code::ok) return code;
    if (!transaction.writable())
      return fail(error, Code::internal, "the transaction of a GET may not change anything");
    if (event.empty()) return fail(error, Code::invalid, "an audit line needs an event", "event");
    if (details.size() > kLargestDetails)
      return fail(error, Code::too_large, "the details have more than 16 KiB", "details");
    fake(transaction).enter([this] { lines.pop_back(); });
    lines.push_back({std::string(event), std::string(subject), std::string(details)});
    return Code::ok;
  }

  Code list(Transaction& transaction, std::string_view subject, TextSink& out, ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    fake(transaction).enter();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].subject != subject) continue;
      out.text("{\"seq\":" + std::to_string(i + 1) + ",\"at\":0,\"event\":\"" + lines[i].event +
               "\",\"subject\":\"" + lines[i].subject + "\",\"actor\":{},\"details\":" + lines[i].details +
               "}");
    }
    return Code::ok;
  }

  /// The fake keeps no actors: a line belongs to a link when the link is its subject.
  Code list_link(Transaction& transaction, std::string_view link, TextSink& out, ErrorSink& error) override {
    return list(transaction, link, out, error);
  }

  std::vector<AuditEntry> lines;
};

struct QueuedMessage {
  std::string id, key, name, email, language, link, values, member_name, member_email, quotation, reference;
};

class FakeNotifier final : public Notifier, public Faults {
 public:
  FakeNotifier() : Faults(kId) {}

  Code queue(Transaction& transaction, const Message& message, TextSink& id, ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    if (!transaction.writable())
      return fail(error, Code::internal, "the transaction of a GET may not change anything");
    if (message.recipient.email.empty())
      return fail(error, Code::invalid, "a message needs an email address", "email");
    fake(transaction).enter([this] { messages.pop_back(); });
    QueuedMessage queued;
    queued.id = "message-" + std::to_string(messages.size() + 1);
    queued.key = message.key;
    queued.name = message.recipient.name;
    queued.email = message.recipient.email;
    queued.language = message.recipient.language;
    queued.link = message.link;
    queued.values = message.values;
    queued.member_name = message.member_name;
    queued.member_email = message.member_email;
    queued.quotation = message.quotation;
    queued.reference = message.reference;
    messages.push_back(queued);
    id.text(queued.id);
    return Code::ok;
  }

  std::vector<QueuedMessage> messages;
};

/// Answers "<key>[<language>] <values>", so that a test sees what was asked for.
class FakePages final : public Pages, public Faults {
 public:
  FakePages() : Faults(kId) {}
  Code text(std::string_view language, std::string_view key, std::string_view values, TextSink& text,
            ErrorSink& error) override {
    if (Code code = strike(error); code != Code::ok) return code;
    text.text(std::string(key) + "[" + std::string(language) + "] " + std::string(values));
    return Code::ok;
  }
};

}  // namespace postern::testing
