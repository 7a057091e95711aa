// Documentation out of schemas: the option tables of README files and the sample YAML in config/. The
// committed files are compared with these by a test, so they cannot drift from the code. Every function is
// [any thread].
#pragma once

#include <string>
#include <string_view>

#include "host/settings/schema.hpp"
#include "host/settings/value.hpp"
#include "postern/result.hpp"

namespace postern::settings {

/// A Markdown table: key, type, default, what. Keys of lists and free maps as `listen[].address`,
/// `plugins.<id>.allow`.
std::string option_table(const Schema& schema);

/// A YAML file that the schema accepts, with `values` (untyped, as parse_yaml gives; null: none), every other
/// key at its default, keys without default commented out, and the descriptions beside. `heading` becomes the
/// first comment.
std::string commented_sample(const Schema& schema, const Value& values, std::string_view heading);

/// `text` with everything between `<!-- options:NAME -->` and the next `<!-- /options -->` replaced by
/// `table`, on lines of its own. Code::not_found when a marker is missing.
Result<std::string> replace_between_markers(std::string_view text, std::string_view name,
                                            std::string_view table);

/// One scalar, list or map as YAML in flow style, quoted where it must be.
std::string to_yaml(const Value& value);

/// The committed config/postern.yaml and config/firms/demo.yaml.
std::string sample_host_yaml();
std::string sample_firm_yaml();

}  // namespace postern::settings
