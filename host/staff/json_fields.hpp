// Reading a request's JSON body strictly: well-formed, no name twice, no unknown field, every mistake at
// once.
#pragma once

#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/staff/problem.hpp"
#include "postern/time.hpp"

namespace postern::staff {

/// What a body holds, or the 400 or 415 that refuses it.
struct JsonBody {
  std::shared_ptr<const nlohmann::json> value;  // an empty body is {}
  std::optional<Answer> refusal;
};

/// RFC 8259, at most 64 levels, names unique, no U+0000 in texts. `content_type` as in the request. An empty
/// body is taken without a type. [any thread]
JsonBody parse_json(std::string_view body, std::string_view content_type);

/// The fields of one object. Each reader takes a field and notes what is wrong with it; afterwards refusal()
/// says all of it, and names the fields nobody asked for. One thread; `object` outlives it.
class JsonFields {
 public:
  explicit JsonFields(const nlohmann::json& object);

  /// Text of `least` to `most` characters without control characters. "" after a mistake.
  std::string text(std::string_view name, std::size_t least, std::size_t most);
  std::optional<std::string> optional_text(std::string_view name, std::size_t least, std::size_t most);
  /// An email address; "" when it is missing, null or empty.
  std::string optional_email(std::string_view name);
  /// Index of the value within `choices`; `missing` when the field is not there.
  std::size_t choice(std::string_view name, std::initializer_list<std::string_view> choices,
                     std::optional<std::size_t> missing = {});
  /// An id, or empty when the field is missing or null.
  std::string optional_id(std::string_view name);
  Timestamp time(std::string_view name);
  std::optional<Timestamp> optional_time(std::string_view name);

  void wrong(std::string_view name, std::string detail);
  std::optional<Answer> refusal();

 private:
  const nlohmann::json* take(std::string_view name);
  const nlohmann::json* require(std::string_view name, std::string_view wanted);
  std::optional<std::string> text_of(const nlohmann::json& value, std::string_view name, std::size_t least,
                                     std::size_t most);
  std::optional<Timestamp> time_of(const nlohmann::json& value, std::string_view name);

  const nlohmann::json& object_;
  std::vector<std::string> known_;
  std::vector<FieldError> errors_;
};

}  // namespace postern::staff
