// What staff send, read strictly: every mistake at once, each with its place, and no field that nobody knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"
#include "postern/time.hpp"

namespace postern::share {

/// One wrong part of a body or a query.
struct FieldError {
  std::string pointer;      // RFC 6901, "/recipients/0/email"; empty: the whole
  std::string detail;       // what was found, what is wanted
  std::string parameter{};  // of a query: its name
};

struct NewRecipient {
  std::string name, email, phone, language;
  Timestamp expires;               // always set: chosen, or the share's
  std::uint32_t maximum_uses = 0;  // 0: any number
};

struct NewShare {
  std::string title, message, from_name, from_email;
  std::vector<std::string> documents;
  std::vector<NewRecipient> recipients;
  bool notify = true;
};

struct NewRecipients {
  std::vector<NewRecipient> recipients;
  bool notify = true;
};

/// What was read; only meant when nothing is wrong.
template <class T>
struct Read {
  T value;
  std::vector<FieldError> errors;
  bool ok() const { return errors.empty(); }
};

/// The body of POST "". [any thread]
Read<NewShare> read_share(std::string_view body, const Limits& limits, Timestamp now);
/// The body of POST "{share}/recipients".
Read<NewRecipients> read_recipients(std::string_view body, const Limits& limits, Timestamp now);
/// A body that must name a new end: {"expires": …} or {"expires_in_days": …}.
Read<Timestamp> read_expiry(std::string_view body, const Limits& limits, Timestamp now);
/// The same, where it may be left out: 0 then.
Read<Timestamp> read_optional_expiry(std::string_view body, const Limits& limits, Timestamp now);
/// A body that says nothing: empty or {}.
Read<bool> read_nothing(std::string_view body);

}  // namespace postern::share
