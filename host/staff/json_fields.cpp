#include "host/staff/json_fields.hpp"

#include <nlohmann/json.hpp>

#include "host/services/id.hpp"
#include "host/staff/text.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::json;

/// RFC 6901: '~' and '/' inside a name are escaped.
std::string pointer(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out.push_back(c);
  }
  return out;
}

/// What was found, short enough to quote: texts and numbers as they stand, the rest by kind.
std::string found(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return text;
  return value.is_string()
             ? "a text of " + std::to_string(value.get_ref<const std::string&>().size()) + " bytes"
             : "a long number";
}

std::string message(std::string_view name, const Json& value, std::string_view wanted) {
  return "\"" + std::string(name) + "\" is " + found(value) + "; wanted is " + std::string(wanted) + ".";
}

std::string characters(std::size_t least, std::size_t most) {
  return "a text of " + std::to_string(least) + " to " + std::to_string(most) +
         " characters without line breaks and control characters";
}

constexpr std::string_view kTime = "a time such as \"2026-01-31T12:00:00Z\"";

}  // namespace

JsonFields::JsonFields(const Json& object) : object_(object) {
  if (!object.is_object())
    errors_.push_back(
        {FieldError::Where::body, "", "The body is " + found(object) + "; wanted is an object."});
}

const Json* JsonFields::take(std::string_view name) {
  known_.emplace_back(name);
  if (!object_.is_object()) return nullptr;
  const auto at = object_.find(name);
  return at == object_.end() || at->is_null() ? nullptr : &*at;
}

const Json* JsonFields::require(std::string_view name, std::string_view wanted) {
  const Json* value = take(name);
  if (value == nullptr && object_.is_object())
    wrong(name, "\"" + std::string(name) + "\" is missing; wanted is " + std::string(wanted) + ".");
  return value;
}

std::optional<std::string> JsonFields::text_of(const Json& value, std::string_view name, std::size_t least,
                                               std::size_t most) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto length = plain_length(text);
    if (length && *length >= least && *length <= most) return text;
  }
  wrong(name, message(name, value, characters(least, most)));
  return std::nullopt;
}

std::string JsonFields::text(std::string_view name, std::size_t least, std::size_t most) {
  const Json* value = require(name, characters(least, most));
  return value == nullptr ? std::string() : text_of(*value, name, least, most).value_or("");
}

std::optional<std::string> JsonFields::optional_text(std::string_view name, std::size_t least,
                                                     std::size_t most) {
  const Json* value = take(name);
  return value == nullptr ? std::nullopt : text_of(*value, name, least, most);
}

std::string JsonFields::optional_email(std::string_view name) {
  const Json* value = take(name);
  if (value == nullptr) return {};
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (text.empty() || is_email(text)) return text;
  }
  wrong(name, message(name, *value, "an email address such as \"ann@acme.example\""));
  return {};
}

std::size_t JsonFields::choice(std::string_view name, std::initializer_list<std::string_view> choices,
                               std::optional<std::size_t> missing) {
  std::string wanted = "one of ";
  for (const std::string_view one : choices) wanted += "\"" + std::string(one) + "\", ";
  wanted.resize(wanted.size() - 2);
  const Json* value = missing ? take(name) : require(name, wanted);
  if (value == nullptr) return missing.value_or(0);
  if (value->is_string()) {
    std::size_t at = 0;
    for (const std::string_view one : choices) {
      if (value->get_ref<const std::string&>() == one) return at;
      ++at;
    }
  }
  wrong(name, message(name, *value, wanted));
  return 0;
}

std::string JsonFields::optional_id(std::string_view name) {
  const Json* value = take(name);
  if (value == nullptr) return {};
  if (value->is_string() && services::is_id(value->get_ref<const std::string&>()))
    return value->get<std::string>();
  wrong(name, message(name, *value, "an id, e.g. \"0197f3a0-7c1e-7b55-8a2d-3f0c9d1e2b4a\""));
  return {};
}

std::optional<Timestamp> JsonFields::time_of(const Json& value, std::string_view name) {
  if (value.is_string())
    if (auto time = from_rfc3339(value.get_ref<const std::string&>())) return time;
  wrong(name, message(name, value, kTime));
  return std::nullopt;
}

Timestamp JsonFields::time(std::string_view name) {
  const Json* value = require(name, kTime);
  return value == nullptr ? Timestamp{} : time_of(*value, name).value_or(Timestamp{});
}

std::optional<Timestamp> JsonFields::optional_time(std::string_view name) {
  const Json* value = take(name);
  return value == nullptr ? std::nullopt : time_of(*value, name);
}

void JsonFields::wrong(std::string_view name, std::string detail) {
  errors_.push_back({FieldError::Where::body, pointer(name), std::move(detail)});
}

std::optional<Answer> JsonFields::refusal() {
  if (object_.is_object()) {
    constexpr std::size_t kMostErrors = 50;
    for (const auto& [name, value] : object_.items()) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end() || errors_.size() >= kMostErrors)
        continue;
      std::string known;
      for (const std::string& one : known_) known += (known.empty() ? "\"" : ", \"") + one + "\"";
      wrong(name, "The field \"" + name.substr(0, 60) + "\" is not known here; " +
                      (known.empty() ? "this operation takes none." : "known are " + known + "."));
    }
  }
  if (errors_.empty()) return std::nullopt;
  return invalid(errors_);
}

}  // namespace postern::staff
