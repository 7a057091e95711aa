#include "host/staff/query.hpp"

#include <charconv>

#include "host/crypto/crypto.hpp"
#include "host/http/characters.hpp"
#include "host/services/id.hpp"
#include "host/staff/text.hpp"

namespace postern::staff {
namespace {

constexpr std::size_t kMostPairs = 50;
constexpr std::int64_t kLargestPage = 200;

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = http::hex_value(text[i + 1]), low = http::hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (!plain_length(out)) return std::nullopt;
  return out;
}

template <class Each>
void for_each_word(std::string_view words, Each&& each) {
  while (!words.empty()) {
    const std::size_t space = words.find(' ');
    if (space != 0) each(words.substr(0, space));
    if (space == std::string_view::npos) return;
    words.remove_prefix(space + 1);
  }
}

bool has_word(std::string_view words, std::string_view wanted) {
  bool found = false;
  for_each_word(words, [&](std::string_view word) { found = found || word == wanted; });
  return found;
}

std::string listed(std::string_view words) {
  std::string text;
  for_each_word(words, [&](std::string_view word) {
    if (!text.empty()) text += ", ";
    text += "\"" + std::string(word) + "\"";
  });
  return text;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return std::string(text);
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace

Query::Query(std::string_view raw, std::string_view allowed) {
  while (!raw.empty()) {
    if (pairs_.size() + errors_.size() >= kMostPairs) {
      wrong("", "The query has more than 50 parameters.");
      return;
    }
    const std::size_t end = raw.find('&');
    const std::string_view part = raw.substr(0, end);
    raw = end == std::string_view::npos ? std::string_view() : raw.substr(end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = decode(part.substr(0, equals));
    auto value = equals == std::string_view::npos ? std::string() : decode(part.substr(equals + 1));
    if (!name || !value) {
      wrong(name ? std::string_view(*name) : std::string_view(""),
            "A part of the query is not percent-encoded UTF-8 without control characters.");
      continue;
    }
    if (!has_word(allowed, *name)) {
      wrong(*name,
            "The query parameter \"" + shortened(*name) + "\" is not known here; " +
                (allowed.empty() ? "this operation takes none." : "known are " + listed(allowed) + "."));
      continue;
    }
    bool twice = false;
    for (const auto& pair : pairs_) twice = twice || pair.first == *name;
    if (twice) wrong(*name, "The query parameter \"" + *name + "\" stands there twice; give it once.");
    pairs_.emplace_back(*std::move(name), *std::move(value));
  }
}

std::optional<std::string> Query::text(std::string_view name) {
  for (const auto& pair : pairs_)
    if (pair.first == name) return pair.second;
  return std::nullopt;
}

std::optional<std::string> Query::id(std::string_view name) {
  auto found = text(name);
  if (found && !services::is_id(*found))
    wrong(name, "\"" + std::string(name) + "\" is \"" + shortened(*found) +
                    "\"; wanted is an id, e.g. "
                    "\"0197f3a0-7c1e-7b55-8a2d-3f0c9d1e2b4a\".");
  return found;
}

std::optional<Timestamp> Query::time(std::string_view name) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  const auto time = from_rfc3339(*found);
  if (!time)
    wrong(name, "\"" + std::string(name) + "\" is \"" + shortened(*found) +
                    "\"; wanted is a time such as \"2026-01-31T12:00:00Z\".");
  return time;
}

std::optional<std::int64_t> Query::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  std::int64_t value = 0;
  const char* end = found->data() + found->size();
  const auto [stopped, error] = std::from_chars(found->data(), end, value);
  if (error == std::errc() && stopped == end && value >= least && value <= most) return value;
  wrong(name, "\"" + std::string(name) + "\" is \"" + shortened(*found) +
                  "\"; wanted is a whole number from " + std::to_string(least) + " to " +
                  std::to_string(most) + ".");
  return std::nullopt;
}

std::optional<std::size_t> Query::choice(std::string_view name, std::string_view choices) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  std::optional<std::size_t> place;
  std::size_t at = 0;
  for_each_word(choices, [&](std::string_view word) {
    if (word == *found) place = at;
    ++at;
  });
  if (!place)
    wrong(name, "\"" + std::string(name) + "\" is \"" + shortened(*found) + "\"; wanted is one of " +
                    listed(choices) + ".");
  return place;
}

Query::Paging Query::paging() {
  Paging paging;
  paging.limit = static_cast<int>(integer("limit", 1, kLargestPage).value_or(paging.limit));
  if (const auto cursor = text("after")) {
    auto position = crypto::unbase64url(*cursor);
    if (position && !position->empty() && position->size() <= 64 && plain_length(*position))
      paging.after = *std::move(position);
    else
      wrong("after", "\"after\" is not a cursor; take it from \"next\" of the page before.");
  }
  return paging;
}

void Query::wrong(std::string_view name, std::string detail) {
  errors_.push_back({FieldError::Where::query, std::string(name), std::move(detail)});
}

std::optional<Answer> Query::refusal() const {
  if (errors_.empty()) return std::nullopt;
  return invalid(errors_);
}

std::string Query::without_cursor() const {
  std::string text;
  for (const auto& [name, value] : pairs_) {
    if (name == "after") continue;
    if (!text.empty()) text += '&';
    text += percent_encode(name) + "=" + percent_encode(value);
  }
  return text;
}

std::string to_cursor(std::string_view position) { return crypto::base64url(crypto::bytes(position)); }

std::string percent_encode(std::string_view text) {
  constexpr http::CharacterSet kUnreserved = http::characters("-._~", true);
  std::string out;
  for (const char c : text) {
    if (http::in(kUnreserved, c)) {
      out.push_back(c);
      continue;
    }
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return out;
}

}  // namespace postern::staff
