#include "tests/unit/staff/house.hpp"

#include <unistd.h>

#include <filesystem>

#include "host/firm/scoped.hpp"
#include "host/staff/api.hpp"
#include "host/staff/upload.hpp"
#include "tests/unit/staff/fake_plugin.hpp"

namespace postern::staff {
namespace {

std::string read_all(http::Response& response) {
  if (response.file) {
    std::string bytes(response.file->length(), '\0');
    const ssize_t got = ::pread(response.file->descriptor(), bytes.data(), bytes.size(),
                                static_cast<off_t>(response.file->offset()));
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  if (!response.source) return std::move(response.bytes);
  std::string bytes;
  std::array<std::byte, 4096> room{};
  for (ssize_t got = 0; (got = response.source->read(room)) > 0;)
    bytes.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(got));
  return bytes;
}

Reply reply(http::Response response) {
  Reply reply;
  reply.status = response.status;
  reply.bytes = read_all(response);
  reply.fields = std::move(response.fields);
  return reply;
}

http::RequestHead head_of(const std::string& key, const std::string& method, const std::string& target,
                          const Headers& headers) {
  http::RequestHead head;
  head.method = method;
  const auto mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string::npos) head.query = target.substr(mark + 1);
  head.host = "links.acme.example";
  head.address = "192.0.2.7";
  if (!key.empty()) head.fields.add("Authorization", "Bearer " + key);
  for (const auto& [name, value] : headers) head.fields.set(name, value);
  return head;
}

}  // namespace

StaffTest::StaffTest() = default;
StaffTest::~StaffTest() = default;

void StaffTest::SetUp() {
  DatabaseTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  apply("host/services/schema.sql");
  firm_ = std::make_unique<firm::Firm>();
  firm_->settings.id = "acme";
  firm_->settings.name = "Acme Tax";
  firm_->settings.language = "en";
  firm_->settings.time_zone = "Europe/Madrid";
  firm_->settings.base_url = "https://links.acme.example";
  firm_->clock = &clock_;
  auto keys = services::FirmKeys::open((folder_.path() / "keys").string());
  ASSERT_TRUE(keys.ok()) << keys.error().message;
  firm_->keys = std::make_unique<services::FirmKeys>(*std::move(keys));
  firm_->database = open();
  auto blobs =
      services::BlobStore::open({.folder = (folder_.path() / "blobs").string()}, firm_->keys->documents());
  ASSERT_TRUE(blobs.ok()) << blobs.error().message;
  firm_->blobs = *std::move(blobs);
  firm_->documents = std::make_unique<services::Documents>(*firm_->blobs, firm_->audit);
  services::LinkDefaults defaults;
  defaults.base_url = firm_->settings.base_url;
  firm_->links = std::make_unique<services::Links>(*firm_->keys, firm_->audit, defaults);
  firm_->key_limiter = std::make_unique<services::WrongTokenLimiter>(10);
  firm_->pages = std::make_unique<FakePages>();
  firm_->outbox = std::make_unique<services::Outbox>(
      *firm_->database, *firm_->links, *firm_->pages, firm_->audit, clock_,
      services::Sender{"Acme Tax", "links@acme.example", "", "acme.example"},
      services::mailbox_transport((folder_.path() / "mailbox").string()));
  owner_ = key(plugins::Role::owner);
}

Reply StaffTest::call(const std::string& method, const std::string& target, const std::string& body,
                      const Headers& headers) {
  return call_as(owner_, method, target, body, headers);
}

Reply StaffTest::call_as(const std::string& key, const std::string& method, const std::string& target,
                         const std::string& body, const Headers& headers) {
  http::RequestHead head = head_of(key, method, target, headers);
  if (!body.empty()) {
    head.content_length = body.size();
    if (!head.fields.has("Content-Type")) head.fields.add("Content-Type", "application/json");
  }
  auto exchange = begin(*firm_, std::move(head));
  switch (exchange->body_mode()) {
    case http::BodyMode::none:
      if (!body.empty()) return reply(refused(413, "a body is not taken here"));
      break;
    case http::BodyMode::buffered:
      if (body.size() > exchange->body_limit()) return reply(refused(413, "the body is too large"));
      break;
    case http::BodyMode::streamed:
      ADD_FAILURE() << target << " is streamed: use upload()";
      return {};
  }
  return reply(exchange->answer(body));
}

Reply StaffTest::upload(const std::string& folder, const std::string& name, Upload upload) {
  http::RequestHead head =
      head_of(owner_, "PUT", "/api/v1/folders/" + folder + "/documents/" + name, upload.headers);
  head.content_length = upload.announced;
  head.chunked = !upload.announced && !upload.headers.contains("X-No-Length");
  auto exchange = begin_upload(*firm_, std::move(head), {{"folder", folder}, {"name", name}}, upload.limit);
  if (auto refused = exchange->admit()) {
    Reply early = reply(*std::move(refused));
    early.refused_early = true;
    return early;
  }
  constexpr std::size_t kPiece = 7;  // so that nothing may rely on pieces
  const std::string arrived = upload.body.substr(0, upload.arrives);
  for (std::size_t at = 0; at < arrived.size(); at += kPiece) {
    const std::string piece = arrived.substr(at, kPiece);
    if (!exchange->take(std::as_bytes(std::span(piece)))) return reply(exchange->answer({}));
  }
  if (arrived.size() < upload.body.size())
    return {};  // the connection is gone: no answer(), the exchange dies
  return reply(exchange->answer({}));
}

std::string StaffTest::create(const std::string& path, const Json& body) {
  const Reply made = call("POST", "/api/v1/" + path, body.dump());
  EXPECT_EQ(made.status, 201) << made.bytes;
  return made.json().value("id", "");
}

std::string StaffTest::account() { return create("accounts", {{"name", "Ann Archer"}}); }

std::string StaffTest::folder() {
  return create("accounts/" + account() + "/folders", {{"name", "Tax 2025"}});
}

services::Link StaffTest::link(const std::string& email) {
  auto issued = firm_->database->write([&](db::HostTransaction& transaction) {
    services::NewLink link;
    link.plugin = "share";
    link.resource = "resource-1";
    link.name = "Bob";
    link.email = email;
    link.issued_by = "test";
    return firm_->links->issue(transaction, link);
  });
  EXPECT_TRUE(issued.ok());
  return *std::move(issued);
}

std::string StaffTest::key(plugins::Role role, Timestamp expires) {
  auto made = firm_->database->write([&](db::HostTransaction& transaction) {
    return create_key(transaction, *firm_->keys, firm_->audit, "test", role, expires);
  });
  EXPECT_TRUE(made.ok());
  return *std::move(made);
}

std::int64_t StaffTest::count(const std::string& table) {
  return rows("select count(*) from " + table).at(0).at(0).integer();
}

std::size_t StaffTest::blob_files() const {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "blobs"))
    files += entry.is_regular_file() ? 1 : 0;
  return files;
}

FakePlugin& StaffTest::add_plugin() {
  plugins::Inspection inspection;
  inspection.manifest.id = "note";
  inspection.manifest.version = "1.0.0";
  inspection.manifest.name = "Note";
  inspection.manifest.routes = {
      {"list", plugins::Door::staff, "GET", "", plugins::Role::read_only, 0},
      {"create", plugins::Door::staff, "POST", "", plugins::Role::member, 128},
      {"wipe", plugins::Door::staff, "POST", "wipe", plugins::Role::admin, 128},
      {"view", plugins::Door::recipient, "GET", "view", plugins::Role::member, 0},
  };
  inspection.files["openapi.yaml"] =
      "paths:\n"
      "  /:\n"
      "    get:\n"
      "      operationId: list\n"
      "      responses: {'200': {description: all, content: {application/json: {schema: {$ref: "
      "'#/components/schemas/Note'}}}}, 4XX: {$ref: '#/components/responses/Problem'}}\n"
      "components: {schemas: {Note: {type: object}}}\n";
  auto made = std::make_unique<FakePlugin>(std::move(inspection));
  FakePlugin& plugin = *made;
  firm_->plugins["note"].instance = std::move(made);
  return plugin;
}

}  // namespace postern::staff
