// Value::to_json: a writer of one page, since nothing else of this room needs JSON.
#include <charconv>

#include "host/settings/node.hpp"

namespace postern::settings {

namespace {

void write_text(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;  // the reader refused what is not UTF-8
    }
  }
  out += '"';
}

void write_number(std::string& out, double number) {
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void write(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Value::Kind::integer:
      out += std::to_string(value.integer());
      return;
    case Value::Kind::number:
      write_number(out, value.number());
      return;
    case Value::Kind::text:
      write_text(out, value.is_secret() ? "***" : value.text());
      return;
    case Value::Kind::list: {
      out += '[';
      bool first = true;
      for (const auto& entry : value.list()) {
        if (!std::exchange(first, false)) out += ',';
        write(out, entry);
      }
      out += ']';
      return;
    }
    case Value::Kind::map: {
      out += '{';
      bool first = true;
      for (const auto& [key, entry] : value.map()) {
        if (!std::exchange(first, false)) out += ',';
        write_text(out, key);
        out += ':';
        write(out, entry);
      }
      out += '}';
      return;
    }
  }
}

}  // namespace

std::string Value::to_json() const {
  std::string out;
  write(out, *this);
  return out;
}

}  // namespace postern::settings
