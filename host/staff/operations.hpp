// Every operation of the host's own API, by the file it stands in. router.cpp lists them with method, pattern
// and role.
#pragma once

#include "host/staff/call.hpp"

namespace postern::staff {

// accounts.cpp
Answer create_account(Call& call);
Answer list_accounts(Call& call);
Answer get_account(Call& call);
Answer create_folder(Call& call);
Answer list_folders(Call& call);
Answer get_folder(Call& call);

// documents.cpp
Answer list_documents(Call& call);
Answer get_document(Call& call);
Answer list_versions(Call& call);
Answer get_content(Call& call);
nlohmann::ordered_json to_json(const services::Document& document);

// links.cpp
Answer list_links(Call& call);
Answer get_link(Call& call);
Answer get_link_address(Call& call);
Answer revoke_link(Call& call);
Answer reissue_link(Call& call);
Answer set_link_expiry(Call& call);

// records.cpp
Answer list_audit(Call& call);
Answer verify_audit(Call& call);
Answer list_messages(Call& call);

// key_operations.cpp
Answer create_api_key(Call& call);
Answer list_api_keys(Call& call);
Answer get_api_key(Call& call);
Answer revoke_api_key(Call& call);

// about.cpp
Answer list_plugins(Call& call);
Answer get_me(Call& call);

}  // namespace postern::staff
