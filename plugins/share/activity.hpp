// What happened to a link, read from the audit's lines.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "postern/time.hpp"

namespace postern::share {

/// What became of one document in one recipient's hands. 0: it did not happen.
struct Fate {
  Timestamp viewed, downloaded;  // the last time that all of it went out
};

enum class Delivery : std::uint8_t { none, waiting, sent, failed };

/// By document. `lines` as Audit::list_link gives them; lines that are no JSON are passed over. [any thread]
std::map<std::string, Fate> fates(const std::vector<std::string>& lines);

/// How far the message queued last has come, from the lines about that message. [any thread]
Delivery delivery(const std::vector<std::string>& lines, std::string_view message);
std::string_view name(Delivery delivery);

/// One line as staff read it; `names`: of documents, by id. Null for a line that says nothing new: that a
/// link was made is said by the share itself. [any thread]
nlohmann::ordered_json event_json(const std::string& line, const std::map<std::string, std::string>& names);

}  // namespace postern::share
