// Operations on documents. Putting one in is upload.cpp.
#include "host/staff/list.hpp"
#include "host/staff/operations.hpp"

namespace postern::staff {

using Json = nlohmann::ordered_json;

Json to_json(const services::Document& document) {
  return {{"id", document.id},
          {"account", document.account},
          {"folder", document.folder},
          {"name", document.name},
          {"original_name", document.original_name},
          {"version", document.version},
          {"versions", document.versions},
          {"bytes", document.blob.bytes},
          {"type", document.blob.type},
          {"sha256", document.blob.sha256},
          {"created", time_json(document.created)},
          {"created_by", document.created_by}};
}

namespace {

/// "version" of the query; 0: the newest.
std::uint32_t version_of(Call& call) {
  return static_cast<std::uint32_t>(call.query.integer("version", 1, 1'000'000).value_or(0));
}

}  // namespace

Answer list_documents(Call& call) {
  const auto paging = call.query.paging();
  if (auto refused = call.query.refusal()) return *std::move(refused);
  const auto folder = call.firm.documents->folder(call.transaction, call.id("folder"));
  if (!folder.ok()) return missing_or(folder.error());
  const auto documents =
      call.firm.documents->documents(call.transaction, folder->id, {paging.after, paging.limit + 1});
  return paged(call, documents, paging.limit, [](const auto& document) { return to_json(document); });
}

Answer get_document(Call& call) {
  const std::uint32_t version = version_of(call);
  if (auto refused = call.query.refusal()) return *std::move(refused);
  const auto document = call.firm.documents->document(call.transaction, call.id("document"), version);
  return document.ok() ? json_answer(to_json(*document)) : missing_or(document.error());
}

Answer list_versions(Call& call) {
  if (auto refused = call.query.refusal()) return *std::move(refused);
  const auto versions = call.firm.documents->versions(call.transaction, call.id("document"));
  if (versions.empty()) return not_found();
  Json items = Json::array();
  for (const auto& document : versions) items.push_back(to_json(document));
  return list_answer(call, std::move(items), {});
}

Answer get_content(Call& call) {
  const std::uint32_t version = version_of(call);
  const auto disposition = call.query.choice("disposition", "attachment inline").value_or(0);
  if (auto refused = call.query.refusal()) return *std::move(refused);
  auto document = call.firm.documents->document(call.transaction, call.id("document"), version);
  if (!document.ok()) return missing_or(document.error());
  Answer answer;
  answer.document = {*std::move(document),
                     disposition == 1 ? Disposition::inline_view : Disposition::attachment};
  return answer;
}

}  // namespace postern::staff
