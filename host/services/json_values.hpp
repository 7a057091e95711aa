// The JSON objects that messages carry: checked when they come, added to when they are drawn.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace postern::services {

using JsonField = std::pair<std::string_view, std::variant<std::string_view, std::int64_t>>;

/// True for one JSON object (RFC 8259) of at most `largest` bytes. [any thread]
bool is_json_object(std::string_view text, std::size_t largest);

/// `object` with `fields` set, replacing those of the same name. `object` is a JSON object. [any thread]
std::string with_fields(std::string_view object, std::initializer_list<JsonField> fields);

}  // namespace postern::services
