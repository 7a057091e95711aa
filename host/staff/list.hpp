// Answering with one page of a list. For .cpp files of operations only: it needs the whole of nlohmann's
// JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "host/staff/call.hpp"

namespace postern::staff {

/// The first `limit` of `items`, which were asked for with one more than that to learn whether a page
/// follows. `position` of an item goes into the cursor.
template <class Item, class ToJson, class Position>
Answer paged(const Call& call, const std::vector<Item>& items, int limit, ToJson&& to_json,
             Position&& position) {
  const auto count = std::min(items.size(), static_cast<std::size_t>(limit));
  auto list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(to_json(items[i]));
  std::optional<std::string> next;
  if (items.size() > count) next = position(items[count - 1]);
  return list_answer(call, std::move(list), next);
}

template <class Item, class ToJson>
Answer paged(const Call& call, const std::vector<Item>& items, int limit, ToJson&& to_json) {
  return paged(call, items, limit, to_json, [](const Item& item) { return item.id; });
}

}  // namespace postern::staff
