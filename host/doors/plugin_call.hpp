// Calling a plugin's door: the host's side of Request and Response (sdk door.hpp), used by the recipient and staff doors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/firm/firm.hpp"
#include "host/http/message.hpp"
#include "host/plugins/manifest.hpp"
#include "postern/door.hpp"

namespace postern::doors {

/// What a plugin answered, not yet turned into HTTP.
struct PluginAnswer {
  int status = 200;
  http::Fields fields;
  std::string type, bytes;           // body()
  std::string page, page_values;     // page()
  std::string redirect;              // redirect(), relative to the door's root
  std::string document;              // document()
  std::uint32_t version = 0;
  Disposition disposition = Disposition::attachment;
};

struct PluginCall {
  const plugins::Match& match;
  const http::RequestHead& head;
  std::string_view body;
  std::string_view language;
  db::HostTransaction& transaction;
};

/// Runs the door within the call's transaction. The Error's message is fit for the caller; a fenced exception becomes
/// Code::internal with its text in the log only. [action thread]
Result<PluginAnswer> call_recipient(plugins::Instance& plugin, const PluginCall& call, const Grant& grant);
Result<PluginAnswer> call_staff(plugins::Instance& plugin, const PluginCall& call, const Member& member);

}  // namespace postern::doors
