#include "host/plugins/pattern.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "host/plugins/manifest.hpp"

namespace postern::plugins {

namespace {

constexpr std::size_t kLongestPattern = 200;  // bytes
constexpr std::size_t kMostSegments = 16;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.empty()) return segments;
  while (true) {
    auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }
std::string_view parameter_name(std::string_view segment) { return segment.substr(1, segment.size() - 2); }

bool is_name(std::string_view text) {
  if (text.empty() || text.front() < 'a' || text.front() > 'z') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_literal(std::string_view text) {
  if (text.empty() || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
  });
}

/// Whether the segments of a path match a pattern, and how closely: '1' for a literal, '0' for a parameter,
/// so that the greater text is the closer match.
bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
          std::string& rank) {
  if (pattern.size() != path.size()) return false;
  rank.clear();
  for (std::size_t i = 0; i < path.size(); ++i) {
    bool parameter = is_parameter(pattern[i]);
    if (parameter ? path[i].empty() : pattern[i] != path[i]) return false;
    rank += parameter ? '0' : '1';
  }
  return true;
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

}  // namespace

std::string pattern_mistake(std::string_view pattern) {
  if (pattern.size() > kLongestPattern) return "at most " + std::to_string(kLongestPattern) + " characters";
  auto segments = split(pattern);
  if (segments.size() > kMostSegments) return "at most " + std::to_string(kMostSegments) + " segments";
  if (!segments.empty() && segments.front().starts_with('_')) {
    return "a first segment without a leading '_', which marks the host's own paths";
  }
  std::set<std::string_view> names;
  for (auto segment : segments) {
    if (is_parameter(segment) ? !is_name(parameter_name(segment)) : !is_literal(segment)) {
      return "segments of letters, digits and -._~ or a {name}, with '/' between them only";
    }
    if (is_parameter(segment) && !names.insert(parameter_name(segment)).second) {
      return "parameters with different names";
    }
  }
  return {};
}

std::string pattern_shape(std::string_view pattern) {
  std::string shape;
  for (auto segment : split(pattern)) {
    shape += '/';
    shape += is_parameter(segment) ? std::string_view("{}") : segment;
  }
  return shape;
}

Match match(const Manifest& manifest, Door door, std::string_view method, std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  auto segments = split(path);
  Match match;
  std::string best, rank;
  std::set<std::string> methods;
  for (const auto& route : manifest.routes) {
    if (route.door != door || !fits(split(route.pattern), segments, rank)) continue;
    methods.insert(route.method);
    if (route.method == "GET") methods.insert("HEAD");
    if (!answers(route, method) || (match.route != nullptr && rank <= best)) continue;
    match.route = &route;
    best = rank;
  }
  if (match.route == nullptr) {
    for (const auto& name : methods) match.allow += (match.allow.empty() ? "" : ", ") + name;
    return match;
  }
  auto pattern = split(match.route->pattern);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) match.parameters.emplace(parameter_name(pattern[i]), segments[i]);
  }
  return match;
}

}  // namespace postern::plugins
