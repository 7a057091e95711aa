#include "host/settings/problem.hpp"

#include <algorithm>
#include <tuple>

#include "host/settings/node.hpp"

namespace postern::settings {

namespace {

constexpr std::size_t kLongestShown = 60;  // characters of a found text in a message

/// Levenshtein's distance where swapping two neighbours counts once; `text` and `other` are short.
std::size_t distance(std::string_view text, std::string_view other) {
  std::vector<std::size_t> before_last, last(other.size() + 1), now(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      std::size_t change = last[j - 1] + (text[i - 1] == other[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, change});
      bool swapped = i > 1 && j > 1 && text[i - 1] == other[j - 2] && text[i - 2] == other[j - 1];
      if (swapped) now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = now;
  }
  return last.back();
}

}  // namespace

std::string Problem::to_string() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  out += ": ";
  if (severity == Severity::warning) out += "warning: ";
  if (!path.empty()) out += path + ": ";
  out += "found " + found;
  if (!wanted.empty()) out += ", want " + wanted;
  if (!hint.empty()) out += "; " + hint;
  return out;
}

bool has_errors(std::span<const Problem> problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::error; });
}

std::string to_string(std::span<const Problem> problems) {
  std::vector<const Problem*> order;
  for (const auto& problem : problems) order.push_back(&problem);
  std::stable_sort(order.begin(), order.end(), [](const Problem* a, const Problem* b) {
    return std::tie(a->file, a->line, a->column) < std::tie(b->file, b->line, b->column);
  });
  std::string out;
  for (const auto* problem : order) {
    if (!out.empty()) out += '\n';
    out += problem->to_string();
  }
  return out;
}

Problem problem_at(const Value& value, std::string wanted, std::string hint, std::string found) {
  Problem problem;
  problem.file = value.file();
  problem.line = value.line();
  problem.column = value.column();
  problem.path = value.path();
  problem.found = found.empty() ? found_text(value) : std::move(found);
  problem.wanted = std::move(wanted);
  problem.hint = std::move(hint);
  return problem;
}

Problem problem_at_key(const Value& value, std::string wanted, std::string hint, std::string found) {
  Problem problem = problem_at(value, std::move(wanted), std::move(hint), std::move(found));
  problem.line = value.key_line();
  problem.column = value.key_column();
  return problem;
}

std::string in_quotes(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    bool begins_character = (byte & 0xc0) != 0x80;
    if (begins_character && shown++ == kLongestShown) return out + "...\"";
    if (byte < 0x20 || byte == 0x7f) {
      out += byte == '\n' ? std::string("\\n") : std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
    } else {
      if (text[i] == '"' || text[i] == '\\') out += '\\';
      out += text[i];
    }
  }
  return out + "\"";
}

std::string found_text(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return "nothing";
    case Value::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case Value::Kind::integer:
      return std::to_string(value.integer());
    case Value::Kind::number:
      return value.node()->text;
    case Value::Kind::text:
      return value.is_secret() ? "a secret" : in_quotes(value.text());
    case Value::Kind::list:
      return "a list";
    case Value::Kind::map:
      return "a map";
  }
  return "nothing";
}

std::string nearest(std::string_view text, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    std::size_t found = distance(text, candidate);
    if (found < best_distance) {
      best_distance = found;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view text, std::span<const std::string> candidates) {
  std::string near = nearest(text, candidates);
  return near.empty() ? "" : "did you mean " + in_quotes(near) + "?";
}

}  // namespace postern::settings
