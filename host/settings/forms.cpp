#include "host/settings/forms.hpp"

#include <algorithm>

#include "host/settings/formats.hpp"

namespace postern::settings {

namespace {

bool within(const Field& field, std::int64_t amount) {
  return (!field.minimum || amount >= *field.minimum) && (!field.maximum || amount <= *field.maximum);
}

std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

std::optional<Complaint> unless(bool right) {
  if (right) return std::nullopt;
  return Complaint{};
}

std::optional<Complaint> to_amount(const Field& field, Node& node, std::optional<std::int64_t> amount) {
  if (!amount && (field.minimum || field.maximum)) {
    std::string example = field.type == Type::duration ? "30d, 12h or 90s" : "3 GiB or 512 MiB";
    return Complaint{{}, "write it as " + example, {}};
  }
  if (!amount || !within(field, *amount)) return Complaint{};
  node.kind = Value::Kind::integer;
  node.integer = *amount;
  return std::nullopt;
}

std::optional<Complaint> check_url(const Node& node) {
  if (is_url(node.text)) return std::nullopt;
  auto scheme = node.text.find("://");
  auto at = node.text.find('@');
  bool has_user =
      scheme != std::string::npos && at != std::string::npos && at < node.text.find('/', scheme + 3);
  // It may hold a password, so it is not repeated.
  if (has_user) return Complaint{{}, "a URL here holds no user and no password", "a URL with a user in it"};
  if (scheme == std::string::npos && is_host_name(node.text))
    return Complaint{{}, "write https:// in front", {}};
  return Complaint{};
}

std::optional<Complaint> check_host_name(Node& node) {
  if (!is_host_name(node.text)) {
    bool ascii = std::all_of(node.text.begin(), node.text.end(), [](char c) { return (c & 0x80) == 0; });
    return ascii ? Complaint{} : Complaint{{}, "write an international name in its xn-- form", {}};
  }
  for (char& c : node.text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::nullopt;
}

std::optional<Complaint> check_time_zone(const Node& node) {
  if (is_time_zone(node.text)) return std::nullopt;
  auto zones = time_zones();
  if (zones.empty()) return Complaint{{}, "this machine has no time zone database: install tzdata", {}};
  return Complaint{{}, did_you_mean(node.text, zones), {}};
}

std::optional<Complaint> check_address(const Node& node) {
  if (parse_address(node.text)) return std::nullopt;
  if (node.text.starts_with("localhost:")) return Complaint{{}, "write 127.0.0.1 or [::1]", {}};
  if (node.text.starts_with("*:") || node.text.starts_with(":")) {
    return Complaint{{}, "every address of this machine is 0.0.0.0 or [::]", {}};
  }
  return Complaint{};
}

std::optional<Complaint> check_choice(const Field& field, const Node& node) {
  bool known = std::find(field.choices.begin(), field.choices.end(), node.text) != field.choices.end();
  if (known) return std::nullopt;
  return Complaint{{}, did_you_mean(node.text, field.choices), {}};
}

}  // namespace

std::optional<Complaint> apply_form(const Field& field, Node& node) {
  if (field.may_be_secret && is_secret_reference(node.text)) {
    node.secret = true;
    return std::nullopt;
  }
  switch (field.type) {
    case Type::text:
      return unless(within(field, characters(node.text)));
    case Type::path:
      return unless(!node.text.empty() && node.text.size() <= 4096);
    case Type::duration:
      return to_amount(field, node, parse_duration(node.text));
    case Type::size:
      return to_amount(field, node, parse_size(node.text));
    case Type::choice:
      return check_choice(field, node);
    case Type::email:
      return unless(is_email(node.text));
    case Type::url:
      return check_url(node);
    case Type::host_name:
      return check_host_name(node);
    case Type::time_zone:
      return check_time_zone(node);
    case Type::language:
      return unless(is_language(node.text));
    case Type::address:
      return check_address(node);
    case Type::colour: {
      auto colour = parse_colour(node.text);
      if (colour) node.text = *colour;
      return unless(colour.has_value());
    }
    case Type::secret:
      if (!is_secret_reference(node.text)) return Complaint{{}, {}, "a secret written out"};
      node.secret = true;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace postern::settings
