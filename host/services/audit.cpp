// Writing and listing audit lines. The canonical form that is hashed stands in audit_chain.hpp.
#include "host/services/audit.hpp"

#include <algorithm>

#include "host/crypto/crypto.hpp"
#include "host/services/audit_chain.hpp"

namespace postern::services {
namespace {

constexpr std::size_t kLongestAgent = 512;  // bytes
constexpr std::size_t kLongestText = 1024;  // bytes, of every other text about the actor

void add_netstring(std::string& form, std::string_view bytes) {
  form += std::to_string(bytes.size());
  form += ':';
  form += bytes;
  form += ',';
}

std::size_t sequence_length(unsigned char lead) {
  return lead < 0x80                    ? 1
         : lead >= 0xC2 && lead <= 0xDF ? 2
         : lead >= 0xE0 && lead <= 0xEF ? 3
         : lead >= 0xF0                 ? 4
                                        : 0;
}

/// What a stranger's browser says of itself may be anything; a line must be written all the same. Control
/// characters and everything that is not plainly UTF-8 become '?'.
std::string clean(std::string_view text, std::size_t longest) {
  std::string result;
  for (std::size_t at = 0; at < text.size() && result.size() < longest;) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = sequence_length(lead);
    bool good = length > 0 && at + length <= text.size() && lead >= 0x20 && lead != 0x7F && lead <= 0xF4;
    for (std::size_t i = 1; good && i < length; ++i)
      good = (static_cast<unsigned char>(text[at + i]) & 0xC0U) == 0x80;
    if (good && length > 2) {  // overlong forms, surrogates and what lies above U+10FFFF (RFC 3629 section 4)
      const auto second = static_cast<unsigned char>(text[at + 1]);
      good = !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F) &&
             !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
    }
    if (!good) {
      result += '?';
      ++at;
    } else if (result.size() + length > longest) {
      break;
    } else {
      result += text.substr(at, length);
      at += length;
    }
  }
  return result;
}

AuditLine line_of(const db::Row& row) {
  AuditLine line;
  line.sequence = row[0].integer();
  line.at = {row[1].integer()};
  line.event = row[2].text();
  line.plugin = row[3].text();
  line.subject = row[4].text();
  line.actor = {row[5].text(), row[6].text(), row[7].text(), row[8].text(), row[9].text(), row[10].text()};
  line.details = row[11].text();
  line.previous = row[kAuditPrevious].text();
  line.hash = row[kAuditHash].text();
  return line;
}

}  // namespace

std::string audit_hash(const db::Row& line, std::int64_t sequence) {
  std::string form = "postern audit line 1\n";
  for (std::size_t i = 0; i < kAuditHash; ++i) {
    const db::Cell& cell = line[i];
    if (i == kAuditSequence) {
      add_netstring(form, std::to_string(sequence));
    } else if (cell.is_null()) {
      form += "-,";
    } else if (cell.kind() == Value::Kind::integer) {
      add_netstring(form, std::to_string(cell.integer()));
    } else {
      add_netstring(form, cell.text());
    }
  }
  return crypto::hex(crypto::sha256(form));
}

void Audit::append(db::HostTransaction& transaction, std::string_view plugin, std::string_view event,
                   std::string_view subject, std::string_view details) const {
  const auto head = transaction.row("select sequence, hash from audit_head where one = 1");
  if (!head)
    throw db::Failure(Code::internal, "the head of the audit chain is missing; run postern audit verify",
                      false);
  const std::int64_t sequence = head->at(0).integer() + 1;
  const db::Actor& actor = transaction.actor;
  db::Row line{sequence,
               transaction.now,
               event,
               plugin,
               subject,
               clean(actor.member, kLongestText),
               clean(actor.member_name, kLongestText),
               clean(actor.link, kLongestText),
               clean(actor.recipient, kLongestText),
               clean(actor.address, kLongestText),
               clean(actor.user_agent, kLongestAgent),
               details,
               head->at(1)};
  line.emplace_back(audit_hash(line, sequence));
  transaction.change(
      "insert into audit (sequence, at, event, plugin, subject, member, member_name, link, recipient, "
      "address, "
      "user_agent, details, previous, hash) values (:sequence, :at, :event, :plugin, :subject, :member, "
      ":member_name, "
      ":link, :recipient, :address, :user_agent, :details, :previous, :hash)",
      line);
  transaction.change("update audit_head set sequence = :sequence, hash = :hash where one = 1",
                     {sequence, line[kAuditHash]});
}

std::vector<AuditLine> Audit::list(db::HostTransaction& transaction, const AuditFilter& filter) const {
  std::string sql = "select " + std::string(kAuditColumns) + " from audit where ";
  std::vector<db::Cell> values;
  if (filter.newest_first) {
    sql += "sequence < :after";
    values.emplace_back(filter.after > 0 ? filter.after : INT64_MAX);
  } else {
    sql += "sequence > :after";
    values.emplace_back(filter.after);
  }
  const auto add = [&](std::string_view condition, const auto& value) {
    if (!value) return;
    sql += " and " + std::string(condition);
    values.emplace_back(*value);
  };
  add("subject = :subject", filter.subject);
  add("link = :link", filter.link);
  add("event = :event", filter.event);
  add("member = :member", filter.member);
  add("at >= :from", filter.from);
  add("at < :until", filter.until);
  sql += filter.newest_first ? " order by sequence desc" : " order by sequence";
  sql += " limit :limit";
  values.emplace_back(std::max(0, filter.limit));
  std::vector<AuditLine> lines;
  for (const auto& row : transaction.rows(sql, values)) lines.push_back(line_of(row));
  return lines;
}

}  // namespace postern::services
