#include "host/staff/router.hpp"

#include <array>

#include "host/staff/operations.hpp"

namespace postern::staff {
namespace {

using enum plugins::Role;

constexpr std::string_view kPaging = "limit after";

constexpr std::array kOperations{
    Operation{"createAccount", "POST", "accounts", member, "", create_account},
    Operation{"listAccounts", "GET", "accounts", read_only, kPaging, list_accounts},
    Operation{"getAccount", "GET", "accounts/{account}", read_only, "", get_account},
    Operation{"createFolder", "POST", "accounts/{account}/folders", member, "", create_folder},
    Operation{"listFolders", "GET", "accounts/{account}/folders", read_only, kPaging, list_folders},
    Operation{"getFolder", "GET", "folders/{folder}", read_only, "", get_folder},
    Operation{"listDocuments", "GET", "folders/{folder}/documents", read_only, kPaging, list_documents},
    Operation{"putDocument", "PUT", "folders/{folder}/documents/{name}", member, "", nullptr},
    Operation{"getDocument", "GET", "documents/{document}", read_only, "version", get_document},
    Operation{"listVersions", "GET", "documents/{document}/versions", read_only, "", list_versions},
    Operation{"getContent", "GET", "documents/{document}/content", read_only, "version disposition",
              get_content},
    Operation{"listLinks", "GET", "links", read_only, "limit after plugin resource email state", list_links},
    Operation{"getLink", "GET", "links/{link}", read_only, "", get_link},
    // The address opens the link, so whoever may only look does not get it.
    Operation{"getLinkAddress", "GET", "links/{link}/address", member, "", get_link_address},
    Operation{"revokeLink", "POST", "links/{link}/revoke", member, "", revoke_link},
    Operation{"reissueLink", "POST", "links/{link}/reissue", member, "", reissue_link},
    Operation{"setLinkExpiry", "PUT", "links/{link}/expiry", member, "", set_link_expiry},
    Operation{"listAudit", "GET", "audit", read_only,
              "limit after subject link event member from until order", list_audit},
    Operation{"verifyAudit", "GET", "audit/verify", read_only, "", verify_audit},
    Operation{"listMessages", "GET", "messages", read_only, "limit after reference", list_messages},
    Operation{"createKey", "POST", "keys", admin, "", create_api_key},
    Operation{"listKeys", "GET", "keys", admin, kPaging, list_api_keys},
    Operation{"getKey", "GET", "keys/{key}", admin, "", get_api_key},
    Operation{"revokeKey", "DELETE", "keys/{key}", admin, "", revoke_api_key},
    Operation{"listPlugins", "GET", "plugins", read_only, "", list_plugins},
    Operation{"getMe", "GET", "me", read_only, "", get_me},
};

std::string_view first_segment(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  return segment;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

/// Fills `parameters` when `path` is what `pattern` describes. An empty segment matches nothing.
bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string>& parameters) {
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return false;
  parameters.clear();
  while (!pattern.empty()) {
    const std::string_view wanted = first_segment(pattern), found = first_segment(path);
    if (found.empty()) return false;
    if (is_parameter(wanted))
      parameters.emplace(wanted.substr(1, wanted.size() - 2), found);
    else if (wanted != found)
      return false;
  }
  return true;
}

/// "audit/verify" comes before "audit/{x}", whatever the order of the table.
int parameter_count(const Operation& operation) {
  return static_cast<int>(std::count(operation.pattern.begin(), operation.pattern.end(), '{'));
}

}  // namespace

std::span<const Operation> operations() { return kOperations; }

Route route(std::string_view method, std::string_view path) {
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  Route best;
  std::vector<std::string_view> methods;
  std::map<std::string, std::string> parameters;
  for (const Operation& operation : kOperations) {
    if (!matches(operation.pattern, path, parameters)) continue;
    methods.push_back(operation.method);
    if (operation.method == "GET") methods.push_back("HEAD");
    if (operation.method != wanted) continue;
    if (best.operation != nullptr && parameter_count(*best.operation) <= parameter_count(operation)) continue;
    best.operation = &operation;
    best.parameters = parameters;
  }
  if (best.operation != nullptr) return best;
  std::sort(methods.begin(), methods.end());
  for (const std::string_view one : methods)
    best.allow += (best.allow.empty() ? "" : ", ") + std::string(one);
  return best;
}

bool is_reserved(std::string_view segment) {
  return std::any_of(kOperations.begin(), kOperations.end(), [&](const Operation& operation) {
    std::string_view pattern = operation.pattern;
    return first_segment(pattern) == segment;
  });
}

}  // namespace postern::staff
