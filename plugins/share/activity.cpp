#include "activity.hpp"

#include <nlohmann/json.hpp>

#include "text.hpp"

namespace postern::share {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

Json parsed(const std::string& line) {
  Json json = Json::parse(line, nullptr, false);
  return json.is_object() ? json : Json::object();
}

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Json object_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_object() ? *found : Json::object();
}

Ordered or_null(std::string text) { return text.empty() ? Ordered(nullptr) : Ordered(std::move(text)); }

}  // namespace

std::map<std::string, Fate> fates(const std::vector<std::string>& lines) {
  std::map<std::string, Fate> found;
  for (const std::string& line : lines) {
    const Json json = parsed(line);
    const std::string event = text_of(json, "event");
    const bool viewed = event == "document.viewed";
    if (!viewed && event != "document.downloaded") continue;
    Fate& fate = found[text_of(json, "subject")];
    (viewed ? fate.viewed : fate.downloaded) = {number_of(json, "at")};
  }
  return found;
}

Delivery delivery(const std::vector<std::string>& lines, std::string_view message) {
  if (message.empty()) return Delivery::none;
  Delivery reached = Delivery::waiting;
  for (const std::string& line : lines) {
    const Json json = parsed(line);
    if (text_of(json, "subject") != message && text_of(object_of(json, "details"), "message") != message)
      continue;
    const std::string event = text_of(json, "event");
    if (event == "message.sent") reached = Delivery::sent;
    if (event == "message.failed") reached = Delivery::failed;
  }
  return reached;
}

std::string_view name(Delivery delivery) {
  switch (delivery) {
    case Delivery::none:
      return "none";
    case Delivery::waiting:
      return "waiting";
    case Delivery::sent:
      return "sent";
    case Delivery::failed:
      return "failed";
  }
  return "none";
}

Ordered event_json(const std::string& line, const std::map<std::string, std::string>& names) {
  const Json json = parsed(line);
  const std::string event = text_of(json, "event");
  if (event.empty() || event == "link.issued" || event == "message.queued") return nullptr;
  const Json actor = object_of(json, "actor");
  const Json details = object_of(json, "details");
  const std::string subject = text_of(json, "subject");
  std::string link = text_of(actor, "link");
  if (link.empty() && event.starts_with("link.")) link = subject;
  if (link.empty()) link = text_of(details, "link");
  const auto document = names.find(subject);
  Ordered out;
  out["sequence"] = number_of(json, "seq");
  out["at"] = to_rfc3339({number_of(json, "at")});
  out["event"] = event;
  out["member"] = or_null(text_of(actor, "member"));
  out["recipient"] = or_null(text_of(actor, "recipient"));
  out["link"] = or_null(std::move(link));
  out["document"] =
      document == names.end() ? Ordered(nullptr) : Ordered{{"id", subject}, {"name", document->second}};
  out["address"] = or_null(text_of(actor, "address"));
  out["user_agent"] = or_null(text_of(actor, "user_agent"));
  out["details"] = details;
  return out;
}

}  // namespace postern::share
