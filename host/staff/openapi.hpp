// The API's description: the host's openapi.yaml with the parts of the firm's plugins put in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/firm/firm.hpp"
#include "postern/result.hpp"

namespace postern::staff {

/// A plugin's own openapi.yaml: paths below its API, components of its own.
struct PluginDescription {
  std::string id;    // "share"
  std::string name;  // "Share"
  std::string yaml;
};

/// One OpenAPI 3.1 document, as JSON. Paths of a plugin are put below /{id}, its operation ids begin with
/// "{id}.", its components too; a reference to a component that the plugin does not define means the host's.
/// Whatever cannot be put in is an Error that names it. [any thread]
Result<std::string> merge_descriptions(std::string_view host_yaml,
                                       const std::vector<PluginDescription>& plugins);

/// The document of a firm with its enabled plugins, made at the first call. A plugin whose description is
/// faulty is left out (and logged). Lives as long as the firm. [any thread]
const std::string& api_document(firm::Firm& firm);

}  // namespace postern::staff
