#include "host/services/json_values.hpp"

#include <nlohmann/json.hpp>

namespace postern::services {

bool is_json_object(std::string_view text, std::size_t largest) {
  if (text.size() > largest) return false;
  return nlohmann::json::parse(text, nullptr, false).is_object();
}

std::string with_fields(std::string_view object, std::initializer_list<JsonField> fields) {
  auto json = nlohmann::json::parse(object);
  for (const auto& [name, value] : fields) {
    auto& place = json[std::string(name)];
    if (const auto* text = std::get_if<std::string_view>(&value))
      place = std::string(*text);
    else
      place = std::get<std::int64_t>(value);
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace postern::services
