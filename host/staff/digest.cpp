// Reading the digest fields of an upload.
#include "host/crypto/crypto.hpp"
#include "host/http/characters.hpp"
#include "host/staff/upload.hpp"

namespace postern::staff {
namespace {

/// One member of the list: "sha-256=:base64:" (RFC 9530) or "SHA-256=base64" (RFC 3230). Empty: another
/// algorithm.
Result<std::optional<std::string>> member(std::string_view text, bool structured) {
  const std::size_t equals = text.find('=');
  if (!http::equal_without_case(http::trimmed(text.substr(0, equals)), "sha-256"))
    return std::optional<std::string>();
  std::string_view value = equals == std::string_view::npos ? "" : http::trimmed(text.substr(equals + 1));
  const Error malformed{Code::invalid,
                        structured ? "it is malformed; wanted is sha-256=:BASE64:"
                                   : "it is malformed; wanted is SHA-256=BASE64",
                        {}};
  if (structured) {
    value = value.substr(0, value.find(';'));  // parameters of a structured field
    if (value.size() < 2 || value.front() != ':' || value.back() != ':') return malformed;
    value = value.substr(1, value.size() - 2);
  }
  const auto bytes = crypto::unbase64(value);
  if (!bytes || bytes->size() != 32) return malformed;
  return std::optional(crypto::hex(crypto::bytes(*bytes)));
}

}  // namespace

Result<std::optional<std::string>> announced_sha256(const http::Fields& fields) {
  std::optional<std::string> found;
  for (const auto& [name, value] : fields.all()) {
    const bool structured =
        http::equal_without_case(name, "Content-Digest") || http::equal_without_case(name, "Repr-Digest");
    if (!structured && !http::equal_without_case(name, "Digest")) continue;
    std::optional<Error> wrong;
    http::for_each_element(value, [&, &field = name](std::string_view element) {
      auto one = member(element, structured);
      if (!one.ok())
        wrong = Error{Code::invalid, "The field cannot be used: " + one.error().message + ".", field};
      else if (*one && found && **one != *found)
        wrong = Error{Code::invalid, "Two digest fields announce different contents.", field};
      else if (*one)
        found = **one;
    });
    if (wrong) return *wrong;
  }
  return found;
}

}  // namespace postern::staff
