// Prepared statements of one session by their text, the least recently used ones dropped. Preparing costs
// more than running a small read, so this is where the speed of links comes from. One object, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::db {

/// `Prepared` has members `bool busy` (running right now) and `std::uint64_t used`.
template <class Prepared>
class StatementCache {
 public:
  explicit StatementCache(std::size_t most) : most_(most) {}

  /// Null when it is not here or is running already (a row sink may ask the same again).
  Prepared* find(std::string_view key) {
    const auto found = statements_.find(key);
    if (found == statements_.end() || found->second->busy) return nullptr;
    found->second->used = ++clock_;
    return found->second.get();
  }

  /// Keeps it, unless one of the same key is here and running: then it comes back to the caller, who lets it
  /// go after use.
  std::unique_ptr<Prepared> add(std::string key, std::unique_ptr<Prepared> prepared) {
    if (statements_.contains(key)) return prepared;
    if (statements_.size() >= most_) drop_oldest();
    prepared->used = ++clock_;
    statements_.emplace(std::move(key), std::move(prepared));
    return nullptr;
  }

  void clear() {
    std::erase_if(statements_, [](const auto& entry) { return !entry.second->busy; });
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void drop_oldest() {
    auto oldest = statements_.end();
    for (auto entry = statements_.begin(); entry != statements_.end(); ++entry) {
      if (entry->second->busy) continue;
      if (oldest == statements_.end() || entry->second->used < oldest->second->used) oldest = entry;
    }
    if (oldest != statements_.end()) statements_.erase(oldest);
  }

  std::size_t most_;
  std::uint64_t clock_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Prepared>, Hash, std::equal_to<>> statements_;
};

}  // namespace postern::db
