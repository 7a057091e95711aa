#include "input.hpp"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "text.hpp"

namespace postern::share {
namespace {

using Json = nlohmann::json;
using Errors = std::vector<FieldError>;

constexpr std::size_t kLongestName = 200;  // characters
constexpr std::size_t kLongestId = 64;     // bytes
constexpr std::int64_t kMostUses = 1'000'000;

std::string kind_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return "the number " + shortened(value.dump());
  if (value.is_string()) return "\"" + shortened(value.get_ref<const std::string&>()) + "\"";
  return value.is_array() ? "a list" : "an object";
}

/// The fields of one object. A field that is null counts as left out.
class Fields {
 public:
  Fields(const Json& object, std::string place, Errors& errors)
      : object_(object), place_(std::move(place)), errors_(errors) {}

  const Json* find(const std::string& name) {
    known_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  void wrong(std::string_view name, std::string detail) {
    errors_.push_back({place_ + "/" + std::string(name), std::move(detail)});
  }

  /// Tidied text of at most `most` characters; "" when it is left out or wrong.
  std::string text(const std::string& name, std::size_t most, Lines lines = Lines::one) {
    const Json* value = find(name);
    if (value == nullptr) return {};
    const std::string wanted = "at most " + std::to_string(most) + " characters" +
                               (lines == Lines::one ? " on one line" : "") +
                               ", none of them a control character";
    if (!value->is_string()) {
      wrong(name, "\"" + name + "\" is " + kind_of(*value) + "; wanted is a text of " + wanted + ".");
      return {};
    }
    std::string out = tidied(value->get_ref<const std::string&>());
    const auto length = characters(out, lines);
    if (length && *length <= most) return out;
    wrong(name, "\"" + name + "\" " +
                    (length ? "has " + std::to_string(*length) + " characters"
                            : std::string("holds a character that is not taken")) +
                    "; wanted are " + wanted + ".");
    return {};
  }

  /// A text with a form of its own.
  std::string shaped(const std::string& name, bool (*has_shape)(std::string_view), std::string_view wanted) {
    const Json* value = find(name);
    if (value == nullptr) return {};
    if (value->is_string()) {
      std::string out = tidied(value->get_ref<const std::string&>());
      if (out.empty() || has_shape(out)) return out;
    }
    wrong(name, "\"" + name + "\" is " + kind_of(*value) + "; wanted is " + std::string(wanted) + ".");
    return {};
  }
  std::string email(const std::string& name) {
    return shaped(name, is_email, "one email address such as \"jane@example.com\"");
  }

  std::int64_t integer(const std::string& name, std::int64_t least, std::int64_t most) {
    const Json* value = find(name);
    if (value == nullptr) return 0;
    if (value->is_number_integer() &&
        (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX)) {
      const auto number = value->get<std::int64_t>();
      if (number >= least && number <= most) return number;
    }
    wrong(name, "\"" + name + "\" is " + kind_of(*value) + "; wanted is a whole number from " +
                    std::to_string(least) + " to " + std::to_string(most) + ".");
    return 0;
  }

  bool flag(const std::string& name, bool missing) {
    const Json* value = find(name);
    if (value == nullptr) return missing;
    if (value->is_boolean()) return value->get<bool>();
    wrong(name, "\"" + name + "\" is " + kind_of(*value) + "; wanted is true or false.");
    return missing;
  }

  /// "expires" or "expires_in_days"; 0 when both are left out or wrong.
  Timestamp expiry(const Limits& limits, Timestamp now) {
    const Json* time = find("expires");
    const bool days_given = find("expires_in_days") != nullptr;
    if (time != nullptr && days_given) {
      wrong("expires", "\"expires\" and \"expires_in_days\" stand together; wanted is one of them.");
      return {};
    }
    const std::int64_t days_maximum = std::max<std::int64_t>(1, limits.expires_maximum / kDay);
    if (days_given) {
      const std::int64_t days = integer("expires_in_days", 1, days_maximum);
      return days == 0 ? Timestamp{} : now + std::min(days * kDay, limits.expires_maximum);
    }
    if (time == nullptr) return {};
    const auto at = time->is_string() ? from_rfc3339(time->get_ref<const std::string&>()) : std::nullopt;
    if (!at) {
      wrong("expires",
            "\"expires\" is " + kind_of(*time) + "; wanted is a time such as \"2026-12-31T18:00:00+01:00\".");
    } else if (*at <= now) {
      wrong("expires", "\"expires\" is " + kind_of(*time) + ", which has passed; wanted is a time to come.");
    } else if (*at - now > limits.expires_maximum) {
      wrong("expires", "\"expires\" is " + kind_of(*time) + "; wanted is a time not after " +
                           to_rfc3339(now + limits.expires_maximum) + ", the firm's longest.");
    } else {
      return *at;
    }
    return {};
  }

  /// After everything that is known was asked for.
  void refuse_others() {
    for (const auto& [name, value] : object_.items())
      if (!known_.contains(name))
        errors_.push_back(
            {place_ + "/" + escaped(name), "The field \"" + shortened(name) + "\" is not known here."});
  }

  const std::string& place() const { return place_; }

 private:
  /// As a part of a JSON pointer (RFC 6901 section 3).
  static std::string escaped(const std::string& name) {
    std::string out;
    for (const char c : name) {
      if (c == '~') {
        out += "~0";
      } else if (c == '/') {
        out += "~1";
      } else {
        out += c;
      }
    }
    return out;
  }

  const Json& object_;
  std::string place_;
  Errors& errors_;
  std::set<std::string, std::less<>> known_;
};

/// Null when the body is no object, which is then noted.
Json parsed(std::string_view body, Errors& errors) {
  if (body.empty()) return Json::object();
  Json json = Json::parse(body, nullptr, false);
  if (json.is_object()) return json;
  errors.push_back({"", json.is_discarded() ? "The body is not JSON; wanted is an object."
                                            : "The body is " + kind_of(json) + "; wanted is an object."});
  return Json::object();
}

struct Context {
  const Limits& limits;
  Timestamp now;
  Timestamp expires;  // of recipients who have none of their own
  bool notify = true;
};

NewRecipient read_recipient(const Json& json, const std::string& place, const Context& context,
                            Errors& errors) {
  NewRecipient out;
  if (!json.is_object()) {
    errors.push_back(
        {place, "A recipient is " + kind_of(json) + "; wanted is an object with \"name\" and \"email\"."});
    return out;
  }
  Fields fields(json, place, errors);
  const std::size_t before = errors.size();
  out.name = fields.text("name", kLongestName);
  out.email = fields.email("email");
  out.phone = fields.shaped("phone", is_phone, "a number such as \"+34910000000\"");
  out.language = fields.shaped("language", is_language, "a language tag such as \"en\" or \"ja\"");
  out.expires = fields.expiry(context.limits, context.now);
  if (out.expires.ms == 0) out.expires = context.expires;
  out.maximum_uses = static_cast<std::uint32_t>(fields.integer("maximum_uses", 1, kMostUses));
  fields.refuse_others();
  if (errors.size() != before) return out;
  if (context.notify && out.email.empty()) {
    fields.wrong("email",
                 "\"email\" is missing; wanted is an address to send the link to, or \"notify\": false.");
  } else if (out.name.empty() && out.email.empty() && out.phone.empty()) {
    errors.push_back({place, "The recipient has no name, email or phone; wanted is at least one of them."});
  }
  return out;
}

/// What makes two entries the same person.
std::string identity(const NewRecipient& recipient) {
  if (!recipient.email.empty()) return "email " + lower(recipient.email);
  if (!recipient.phone.empty()) return "phone " + recipient.phone;
  return "name " + recipient.name;
}

std::vector<NewRecipient> read_recipient_list(Fields& fields, const Context& context, Errors& errors) {
  std::vector<NewRecipient> out;
  const Json* list = fields.find("recipients");
  const std::size_t most = context.limits.recipients;
  const std::string wanted = "; wanted is a list of 1 to " + std::to_string(most) + " recipients.";
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > most) {
    fields.wrong("recipients",
                 "\"recipients\" " +
                     (list == nullptr     ? std::string("is missing")
                      : !list->is_array() ? "is " + kind_of(*list)
                                          : "has " + std::to_string(list->size()) + " entries") +
                     wanted);
    return out;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string place = fields.place() + "/recipients/" + std::to_string(i);
    const std::size_t before = errors.size();
    out.push_back(read_recipient((*list)[i], place, context, errors));
    if (errors.size() == before && !seen.insert(identity(out.back())).second)
      errors.push_back({place, "This recipient stands in the list twice; one link for each is enough."});
  }
  return out;
}

std::vector<std::string> read_documents(Fields& fields, const Limits& limits, Errors& errors) {
  std::vector<std::string> out;
  const Json* list = fields.find("documents");
  const std::string wanted =
      "; wanted is a list of 1 to " + std::to_string(limits.documents) + " ids of documents.";
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > limits.documents) {
    fields.wrong("documents", "\"documents\" " +
                                  (list == nullptr     ? std::string("is missing")
                                   : !list->is_array() ? "is " + kind_of(*list)
                                                       : "has " + std::to_string(list->size()) + " entries") +
                                  wanted);
    return out;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& entry = (*list)[i];
    const std::string place = fields.place() + "/documents/" + std::to_string(i);
    const bool is_text = entry.is_string();
    const std::string id = is_text ? entry.get<std::string>() : std::string();
    if (!is_text || id.empty() || id.size() > kLongestId || !characters(id, Lines::one)) {
      errors.push_back({place, "The entry is " + kind_of(entry) + "; wanted is the id of a document."});
    } else if (!seen.insert(id).second) {
      errors.push_back({place, "The document \"" + id + "\" stands in the list twice."});
    }
    out.push_back(id);
  }
  return out;
}

void read_author(Fields& fields, NewShare& out, Errors& errors) {
  const Json* from = fields.find("from");
  if (from == nullptr) return;
  if (!from->is_object()) {
    fields.wrong("from",
                 "\"from\" is " + kind_of(*from) + "; wanted is an object with \"name\" and \"email\".");
    return;
  }
  Fields author(*from, fields.place() + "/from", errors);
  const std::size_t before = errors.size();
  out.from_name = author.text("name", kLongestName);
  out.from_email = author.email("email");
  author.refuse_others();
  if (errors.size() == before && out.from_name.empty())
    author.wrong("name", "\"name\" is missing; wanted is the name of the person who shares.");
}

}  // namespace

Read<NewShare> read_share(std::string_view body, const Limits& limits, Timestamp now) {
  Read<NewShare> read;
  const Json json = parsed(body, read.errors);
  if (!read.ok()) return read;
  Fields fields(json, "", read.errors);
  NewShare& share = read.value;
  share.title = fields.text("title", kLongestName);
  share.message = fields.text("message", limits.message, Lines::many);
  read_author(fields, share, read.errors);
  share.documents = read_documents(fields, limits, read.errors);
  share.notify = fields.flag("notify", limits.notify);
  Timestamp expires = fields.expiry(limits, now);
  if (expires.ms == 0) expires = now + std::min(limits.expires, limits.expires_maximum);
  share.recipients = read_recipient_list(fields, {limits, now, expires, share.notify}, read.errors);
  fields.refuse_others();
  return read;
}

Read<NewRecipients> read_recipients(std::string_view body, const Limits& limits, Timestamp now) {
  Read<NewRecipients> read;
  const Json json = parsed(body, read.errors);
  if (!read.ok()) return read;
  Fields fields(json, "", read.errors);
  read.value.notify = fields.flag("notify", limits.notify);
  Timestamp expires = fields.expiry(limits, now);
  if (expires.ms == 0) expires = now + std::min(limits.expires, limits.expires_maximum);
  read.value.recipients = read_recipient_list(fields, {limits, now, expires, read.value.notify}, read.errors);
  fields.refuse_others();
  return read;
}

Read<Timestamp> read_optional_expiry(std::string_view body, const Limits& limits, Timestamp now) {
  Read<Timestamp> read;
  const Json json = parsed(body, read.errors);
  if (!read.ok()) return read;
  Fields fields(json, "", read.errors);
  read.value = fields.expiry(limits, now);
  fields.refuse_others();
  return read;
}

Read<Timestamp> read_expiry(std::string_view body, const Limits& limits, Timestamp now) {
  auto read = read_optional_expiry(body, limits, now);
  if (read.ok() && read.value.ms == 0)
    read.errors.push_back({"/expires",
                           "\"expires\" is missing; wanted is a time such as \"2026-12-31T18:00:00+01:00\", "
                           "or \"expires_in_days\"."});
  return read;
}

Read<bool> read_nothing(std::string_view body) {
  Read<bool> read;
  const Json json = parsed(body, read.errors);
  if (read.ok()) Fields(json, "", read.errors).refuse_others();
  return read;
}

}  // namespace postern::share
