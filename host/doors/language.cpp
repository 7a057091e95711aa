#include "host/doors/language.hpp"

#include <algorithm>

#include "host/doors/form.hpp"

namespace postern::doors {

std::string language_of(const firm::Firm& firm, const http::RequestHead& head, std::string_view recipient) {
  if (!head.query.empty()) {
    const auto& offered = firm.pages->branding().languages;
    for (const auto& [name, value] : parse_form(head.query).value_or(Form{}))
      if (name == "language" && std::find(offered.begin(), offered.end(), value) != offered.end()) return value;
  }
  return firm.pages->choose_language(recipient, head.fields.get("Accept-Language"));
}

}  // namespace postern::doors
