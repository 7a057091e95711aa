// Operations on accounts and folders.

#include "host/staff/json_fields.hpp"
#include "host/staff/list.hpp"
#include "host/staff/operations.hpp"

namespace postern::staff {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const services::Account& account) {
  return {{"id", account.id},
          {"kind", account.kind == services::AccountKind::client ? "client" : "guest"},
          {"name", account.name},
          {"email", text_or_null(account.email)},
          {"created", time_json(account.created)}};
}

Json to_json(const services::Folder& folder) {
  return {{"id", folder.id},
          {"account", folder.account},
          {"parent", text_or_null(folder.parent)},
          {"name", folder.name},
          {"created", time_json(folder.created)}};
}

}  // namespace

Answer create_account(Call& call) {
  JsonFields fields(call.json);
  const std::size_t kind = fields.choice("kind", {"client", "guest"}, 0);
  const std::string name = fields.text("name", 1, 200);
  const std::string email = fields.optional_email("email");
  if (auto refused = fields.refusal()) return *std::move(refused);
  POSTERN_TRY(const auto account,
              call.firm.documents->create_account(
                  call.transaction, kind == 0 ? services::AccountKind::client : services::AccountKind::guest,
                  name, email));
  return created(to_json(account), "accounts/" + account.id);
}

Answer list_accounts(Call& call) {
  const auto paging = call.query.paging();
  if (auto refused = call.query.refusal()) return *std::move(refused);
  auto accounts = call.firm.documents->accounts(call.transaction, {paging.after, paging.limit + 1});
  return paged(call, accounts, paging.limit, [](const auto& account) { return to_json(account); });
}

Answer get_account(Call& call) {
  const auto account = call.firm.documents->account(call.transaction, call.id("account"));
  return account.ok() ? json_answer(to_json(*account)) : missing_or(account.error());
}

Answer create_folder(Call& call) {
  JsonFields fields(call.json);
  const std::string name = fields.text("name", 1, 200);
  const std::string parent = fields.optional_id("parent");
  if (auto refused = fields.refusal()) return *std::move(refused);
  const auto account = call.firm.documents->account(call.transaction, call.id("account"));
  if (!account.ok()) return missing_or(account.error());
  if (!parent.empty()) {
    const auto above = call.firm.documents->folder(call.transaction, parent);
    if (!above.ok() || above->account != account->id) {
      fields.wrong("parent", "\"parent\" is no folder of this account.");
      return *fields.refusal();
    }
  }
  POSTERN_TRY(const auto folder,
              call.firm.documents->create_folder(call.transaction, account->id, parent, name));
  return created(to_json(folder), "folders/" + folder.id);
}

Answer list_folders(Call& call) {
  const auto paging = call.query.paging();
  if (auto refused = call.query.refusal()) return *std::move(refused);
  const auto account = call.firm.documents->account(call.transaction, call.id("account"));
  if (!account.ok()) return missing_or(account.error());
  auto folders =
      call.firm.documents->folders(call.transaction, account->id, {paging.after, paging.limit + 1});
  return paged(call, folders, paging.limit, [](const auto& folder) { return to_json(folder); });
}

Answer get_folder(Call& call) {
  const auto folder = call.firm.documents->folder(call.transaction, call.id("folder"));
  return folder.ok() ? json_answer(to_json(*folder)) : missing_or(folder.error());
}

}  // namespace postern::staff
