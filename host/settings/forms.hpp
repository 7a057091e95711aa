// From the text in the file to the checked value: the last step for every field that is written as a text.
#pragma once

#include <optional>

#include "host/settings/node.hpp"
#include "host/settings/schema.hpp"

namespace postern::settings {

/// Checks `node`, whose kind is text, against the field and converts it: durations and sizes become integers,
/// colours and host names lower case, references to secrets are marked. A complaint when it has the wrong
/// form; its `wanted` is empty when wanted_text(field) says it. [any thread, may block on the time zone
/// database]
std::optional<Complaint> apply_form(const Field& field, Node& node);

}  // namespace postern::settings
