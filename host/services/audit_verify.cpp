// Walks the audit chain and says what is wrong with it first, in one sentence that names the line.
//
// A line proves itself by its hash, its place by the hash of the line before it, and the last one by the
// stored head. What this cannot show is a chain that was rewritten as a whole, head included, by someone who
// may write to the database: the verdict's `head` is there to be kept elsewhere and compared.
#include <algorithm>
#include <optional>

#include "host/services/audit.hpp"
#include "host/services/audit_chain.hpp"

namespace postern::services {
namespace {

constexpr std::int64_t kPage = 500;                 // lines in memory at a time
constexpr std::int64_t kLongestChain = 10'000'000;  // beyond it, a broken line's old number is not looked for

std::string lines(std::int64_t first, std::int64_t last) {
  if (first == last) return "line " + std::to_string(first);
  return "lines " + std::to_string(first) + " to " + std::to_string(last);
}
std::string were(std::int64_t first, std::int64_t last) { return first == last ? " was " : " were "; }
std::string are(std::int64_t first, std::int64_t last) { return first == last ? " is " : " are "; }

/// Looks closer at the place where the chain broke. Every question is a walk through the table, asked once.
class Diagnosis {
 public:
  /// `head` is how many lines there should be, `last` the hash of the last one.
  Diagnosis(db::HostTransaction& transaction, std::int64_t head, std::string last)
      : transaction_(transaction), head_(head), last_(std::move(last)) {}

  /// `found` stands where line `expected` should; `before` is the hash of the line before.
  AuditFault of(const db::Row& found, std::int64_t expected, const std::string& before) {
    if (found[kAuditSequence].kind() != Value::Kind::integer) {
      return {expected, "a line whose number is not a number was inserted"};
    }
    const std::int64_t at = found[kAuditSequence].integer();
    if (at < expected) return below_the_first(found, at);
    const auto true_place = place_of(expected, before);
    if (true_place) return displaced(found, expected, *true_place);
    if (at > expected) return {expected, lines(expected, at - 1) + are(expected, at - 1) + "missing"};
    if (proves(found, at)) return unlinked(found, expected);
    return renumbered(found, expected);
  }

 private:
  static bool proves(const db::Row& line, std::int64_t sequence) {
    return line[kAuditHash].kind() == Value::Kind::text &&
           audit_hash(line, sequence) == line[kAuditHash].text();
  }

  std::optional<db::Row> line_at(std::int64_t sequence) {
    return transaction_.row("select " + std::string(kAuditColumns) + " from audit where sequence = :sequence",
                            {sequence});
  }

  /// Where the line that was number `sequence` stands now.
  std::optional<std::int64_t> place_of(std::int64_t sequence, const std::string& before) {
    const auto candidates = transaction_.rows(
        "select " + std::string(kAuditColumns) + " from audit where previous = :previous limit 100",
        {before});
    for (const auto& candidate : candidates) {
      if (candidate[kAuditSequence].kind() == Value::Kind::integer && proves(candidate, sequence)) {
        return candidate[kAuditSequence].integer();
      }
    }
    return std::nullopt;
  }

  /// The number the line had when it was written, if it is a line of this chain at all.
  std::optional<std::int64_t> identity(const db::Row& line) {
    const auto most = transaction_.row("select max(sequence) from audit")->at(0);
    const std::int64_t found = most.kind() == Value::Kind::integer ? most.integer() : 0;
    for (std::int64_t sequence = 1; sequence <= std::min(std::max(head_, found), kLongestChain); ++sequence) {
      if (proves(line, sequence)) return sequence;
    }
    return std::nullopt;
  }

  bool is_now_at(std::int64_t place, std::int64_t sequence) {
    const auto line = line_at(place);
    return line && proves(*line, sequence);
  }

  AuditFault below_the_first(const db::Row& found, std::int64_t at) {
    if (const auto was = identity(found)) {
      return {*was, lines(*was, *was) + " was moved to " + std::to_string(at)};
    }
    return {at, lines(at, at) + " was inserted"};
  }

  /// The true line is whole, but stands at `place`.
  AuditFault displaced(const db::Row& found, std::int64_t expected, std::int64_t place) {
    const bool occupied = found[kAuditSequence].integer() == expected;
    if (occupied && proves(found, place)) {
      return {expected,
              "lines " + std::to_string(expected) + " and " + std::to_string(place) + " were exchanged"};
    }
    const bool last = place == INT64_MAX || !line_at(place + 1);
    const bool shifted = last ? !identity(found) : is_now_at(place + 1, expected + 1);
    if (occupied && place > expected && shifted) {
      return {expected, lines(expected, place - 1) + were(expected, place - 1) + "inserted"};
    }
    return {expected, lines(expected, expected) + " was moved to " + std::to_string(place)};
  }

  /// A line that is right in itself, but does not follow the one before it: one of the two was written anew.
  AuditFault unlinked(const db::Row& found, std::int64_t expected) {
    const auto next = line_at(expected + 1);
    const bool believed = (next ? next->at(kAuditPrevious).view().text : last_) == found[kAuditHash].text();
    const std::int64_t changed = believed && expected > 1 ? expected - 1 : expected;
    return {changed, lines(changed, changed) + " was changed"};
  }

  /// A line that is not right in itself: a neighbour with a new number, or changed.
  AuditFault renumbered(const db::Row& found, std::int64_t expected) {
    if (const auto was = identity(found)) {
      const auto next = line_at(expected + 1);
      const bool follows = next && proves(*next, *was + 1);
      if (*was > expected && (follows || !next)) {
        return {expected, lines(expected, *was - 1) + are(expected, *was - 1) + "missing"};
      }
      if (*was < expected &&
          (follows || (!next && (head_ < expected || last_ == found[kAuditHash].view().text)))) {
        return {*was, lines(*was, expected - 1) + were(*was, expected - 1) + "inserted"};
      }
    }
    return {expected, lines(expected, expected) + " was changed"};
  }

  db::HostTransaction& transaction_;
  std::int64_t head_;
  std::string last_;
};

std::optional<AuditFault> end_fault(const db::Row& head, const AuditVerdict& verdict) {
  const std::int64_t wanted = head[0].integer();
  const bool same = head[1].text() == verdict.head;
  if (wanted == verdict.lines && same) return std::nullopt;
  if (same) return AuditFault{verdict.lines, "the head of the chain was changed"};
  if (wanted > verdict.lines) {
    const std::int64_t first = verdict.lines + 1;
    return AuditFault{first, lines(first, wanted) + are(first, wanted) + "missing"};
  }
  if (wanted < verdict.lines) {
    const std::int64_t first = std::max(std::int64_t{0}, wanted) + 1;
    return AuditFault{first, lines(first, verdict.lines) + were(first, verdict.lines) + "inserted"};
  }
  return AuditFault{verdict.lines,
                    "line " + std::to_string(verdict.lines) + " or the head of the chain was changed"};
}

}  // namespace

AuditVerdict Audit::verify(db::HostTransaction& transaction) const {
  AuditVerdict verdict;
  const auto head = transaction.row("select sequence, hash from audit_head where one = 1");
  if (!head || head->at(0).kind() != Value::Kind::integer || head->at(1).kind() != Value::Kind::text) {
    verdict.fault = {0, "the head of the chain is missing"};
    return verdict;
  }
  const std::string sql = "select " + std::string(kAuditColumns) +
                          " from audit where sequence >= :from order by sequence limit :limit";
  for (std::int64_t from = INT64_MIN;;) {
    const auto page = transaction.rows(sql, {from, kPage});
    for (const auto& line : page) {
      const std::int64_t expected = verdict.lines + 1;
      const db::Cell& sequence = line[kAuditSequence];
      const bool right = sequence.kind() == Value::Kind::integer && sequence.integer() == expected &&
                         line[kAuditPrevious].view().text == verdict.head &&
                         line[kAuditPrevious].kind() == Value::Kind::text &&
                         line[kAuditHash].kind() == Value::Kind::text &&
                         audit_hash(line, expected) == line[kAuditHash].text();
      if (!right) {
        Diagnosis diagnosis(transaction, head->at(0).integer(), head->at(1).text());
        verdict.fault = diagnosis.of(line, expected, verdict.head);
        return verdict;
      }
      verdict.head = line[kAuditHash].text();
      verdict.lines = expected;
    }
    if (page.size() < static_cast<std::size_t>(kPage)) break;
    from = verdict.lines + 1;
  }
  verdict.fault = end_fault(*head, verdict);
  return verdict;
}

}  // namespace postern::services
