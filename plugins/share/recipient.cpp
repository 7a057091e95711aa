// The recipient's door: the page with the documents, and the documents themselves.
#include <algorithm>

#include "kind.hpp"
#include "postern/json.hpp"
#include "share.hpp"

namespace postern::share {
namespace {

/// True when the version that was shared can still be had.
Result<bool> is_there(const Use<Documents>& documents, Tx tx, const SharedDocument& document) {
  Transaction& transaction = tx;
  const auto found = documents.find(transaction, document.id, document.version);
  if (found.ok()) return true;
  if (found.code() == Code::not_found || found.code() == Code::gone) return false;
  return found.error();
}

/// What the templates know of who shares.
Json author_values(const Share& share) {
  return {{"by", share.from_name.empty() ? "firm" : "member"}, {"member", share.from_name}};
}

Json document_values(const SharedDocument& document, bool there, const Fate& fate) {
  Json values{
      {"id", document.id},       {"name", document.name}, {"kind", kind_of(document.type)},
      {"bytes", document.bytes}, {"there", there},        {"viewable", there && is_viewable(document.type)}};
  if (fate.downloaded.ms != 0) values["downloaded"] = fate.downloaded.ms;
  return values;
}

}  // namespace

Result<void> SharePlugin::page(RecipientContext& c) {
  POSTERN_TRY(const Share share, Store::find_for_page(c.tx, c.resource));
  std::map<std::string, Fate> done;
  if (c.link.last_used.ms != 0) {  // else nothing was downloaded, and the audit need not be asked
    Transaction& transaction = c.tx;
    POSTERN_TRY(const auto lines, audit_.list_link(transaction, c.link.id));
    done = fates(lines);
  }

  Json values = author_values(share);
  values["documents"] = Json::array();
  std::int64_t missing = 0;
  for (const SharedDocument& document : share.documents) {
    POSTERN_TRY(const bool there, is_there(documents_, c.tx, document));
    missing += there ? 0 : 1;
    values["documents"].push_back(document_values(document, there, done[document.id]));
  }
  const bool single = share.documents.size() == 1;
  values["count"] = share.documents.size();
  values["several"] = !single;
  if (single && missing == 0) values["main"] = values["documents"].front();
  values["missing"] = missing;
  // The name of a single document says it already.
  const bool named_after = single && share.title == share.documents.front().name;
  values["title"] = named_after ? std::string() : share.title;
  values["heading"] = !single || !(named_after || share.title.empty());
  values["message"] = share.message;
  if (c.link.maximum_uses != 0) {
    values["limited"] = true;
    values["left"] = std::max<std::int64_t>(0, c.link.maximum_uses - c.link.uses);
  }
  c.page("share.html", dump(values));
  return {};
}

Result<void> SharePlugin::download(RecipientContext& c) { return deliver(c, Disposition::attachment); }
Result<void> SharePlugin::view(RecipientContext& c) { return deliver(c, Disposition::inline_view); }

Result<void> SharePlugin::deliver(RecipientContext& c, Disposition disposition) const {
  POSTERN_TRY(const auto document, Store::find_document(c.tx, c.resource, c.parameter("document")));
  if (!document) return {Code::not_found, "there is no such document in this share"};
  POSTERN_TRY(const bool there, is_there(documents_, c.tx, *document));
  if (!there) {
    c.page("gone.html", dump({{"name", document->name}}), 410);
    return {};
  }
  if (!is_viewable(document->type)) disposition = Disposition::attachment;
  c.response.document(document->id, document->version, disposition);
  return {};
}

}  // namespace postern::share
