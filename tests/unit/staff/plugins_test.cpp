// The staff doors of plugins, and the description that holds them all.
#include "host/firm/scoped.hpp"
#include "host/staff/openapi.hpp"
#include "tests/unit/staff/fake_plugin.hpp"
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class StaffPlugins : public StaffTest {};
POSTERN_ON_BOTH_DATABASES(StaffPlugins);

TEST_P(StaffPlugins, AreCalledWithWhatTheHostProved) {
  FakePlugin& plugin = add_plugin();
  plugin.act = [](const Request& request, const Member& member, Response& response, ErrorSink&) {
    response.status(201);
    response.header("Location", "/api/v1/note/7");
    response.body("application/json", Json{{"route", request.route()},
                                           {"body", request.body()},
                                           {"member", member.id},
                                           {"name", member.name},
                                           {"language", request.language()},
                                           {"token", request.header("Authorization")},
                                           {"writable", request.transaction().writable()}}
                                          .dump());
    return Code::ok;
  };
  const Reply reply = call("POST", "/api/v1/note", R"({"a":1})", {{"Accept-Language", "ja"}});
  EXPECT_EQ(reply.status, 201) << reply.bytes;
  EXPECT_EQ(reply.header("Location"), "/api/v1/note/7");
  EXPECT_EQ(reply.json()["route"], "create");
  EXPECT_EQ(reply.json()["body"], R"({"a":1})");
  EXPECT_EQ(reply.json()["language"], "ja");
  EXPECT_EQ(reply.json()["name"], "test");
  EXPECT_EQ(reply.json()["token"], "");
  EXPECT_EQ(reply.json()["writable"], true);
  EXPECT_EQ(call("GET", "/api/v1/note").json()["writable"], false);
}

TEST_P(StaffPlugins, NeverSeeABadRequest) {
  FakePlugin& plugin = add_plugin();
  int calls = 0;
  plugin.act = [&](const Request&, const Member&, Response& response, ErrorSink&) {
    ++calls;
    response.body("application/json", "{}");
    return Code::ok;
  };
  EXPECT_EQ(call("POST", "/api/v1/note", "{oops").status, 400);
  EXPECT_EQ(call("POST", "/api/v1/note", "a=b", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(call("POST", "/api/v1/note", "{\"a\":\"" + std::string(200, 'x') + "\"}").status, 413);
  const Reply method = call("DELETE", "/api/v1/note");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(call("GET", "/api/v1/note/view").status, 404) << "that is a recipient's route";
  EXPECT_EQ(call("GET", "/api/v1/note/x/y").status, 404);
  EXPECT_EQ(call("GET", "/api/v1/other").status, 404);
  EXPECT_EQ(calls, 0);
}

TEST_P(StaffPlugins, AnswerWithDocumentsRedirectsAndErrors) {
  const std::string where = folder();
  const std::string document = upload(where, "a.txt", {.body = "content", .announced = 7}).json()["id"];
  FakePlugin& plugin = add_plugin();
  plugin.act = [&](const Request&, const Member&, Response& response, ErrorSink&) {
    response.document(document, 0, Disposition::attachment);
    return Code::ok;
  };
  EXPECT_EQ(call("GET", "/api/v1/note", "", {{"Range", "bytes=0-2"}}).bytes, "con");
  EXPECT_EQ(call("POST", "/api/v1/note", "{}", {{"Idempotency-Key", "d"}}).bytes, "content");
  EXPECT_EQ(call("POST", "/api/v1/note", "{}", {{"Idempotency-Key", "d"}}).bytes, "content");
  plugin.act = [](const Request&, const Member&, Response& response, ErrorSink&) {
    response.redirect("7/events");
    return Code::ok;
  };
  const Reply redirect = call("POST", "/api/v1/note", "{}");
  EXPECT_EQ(redirect.status, 303);
  EXPECT_EQ(redirect.header("Location"), "/api/v1/note/7/events");
  plugin.act = [](const Request&, const Member&, Response&, ErrorSink& error) {
    error.error(Code::invalid, "\"title\" is missing", "title");
    return Code::invalid;
  };
  EXPECT_EQ(call("POST", "/api/v1/note", "{}").json()["errors"][0]["pointer"], "#/title");
  plugin.act = [](const Request&, const Member&, Response&, ErrorSink& error) {
    error.error(Code::not_found, "no note 7 of Bob", "");
    return Code::not_found;
  };
  EXPECT_EQ(call("GET", "/api/v1/note").json()["detail"], "There is nothing here that this key may see.");
  plugin.act = [](const Request&, const Member&, Response& response, ErrorSink&) {
    response.page("console", "{}");
    return Code::ok;
  };
  EXPECT_EQ(call("GET", "/api/v1/note").status, 500);
}

TEST_P(StaffPlugins, WhoseAnswerIsARefusalChangeNothing) {
  FakePlugin& plugin = add_plugin();
  plugin.act = [](const Request& request, const Member&, Response& response, ErrorSink& error) {
    std::int64_t changed = 0;
    if (const Code code = request.transaction().execute(
            "insert into accounts (id, kind, name, email, created_at) values ('a', 'client', 'x', '', 1)", {},
            changed, error);
        code != Code::ok)
      return code;
    response.status(409);
    response.body("application/json", "{}");
    return Code::ok;
  };
  EXPECT_EQ(call("POST", "/api/v1/note", "{}").status, 409);
  EXPECT_EQ(count("accounts"), 0);
}

TEST_P(StaffPlugins, AreListedWithTheirRoutes) {
  add_plugin();
  const Json items = call("GET", "/api/v1/plugins").json()["items"];
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0]["version"], "1.0.0");
  EXPECT_EQ(items[0]["routes"].size(), 3U) << "the recipient's route is not the API's";
  EXPECT_EQ(items[0]["routes"][2]["path"], "/api/v1/note/wipe");
}

TEST_P(StaffPlugins, StandInTheDescriptionForEverybody) {
  add_plugin();
  const Reply reply = call_as("", "GET", "/api/openapi.json");
  ASSERT_EQ(reply.status, 200);
  const Json document = reply.json();
  EXPECT_EQ(document["openapi"], "3.1.0");
  const Json& get = document["paths"]["/note"]["get"];
  EXPECT_EQ(get["operationId"], "note.list");
  EXPECT_EQ(get["tags"], Json::array({"Note"}));
  EXPECT_EQ(get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/note.Note");
  EXPECT_EQ(get["responses"]["4XX"]["$ref"], "#/components/responses/Problem") << "the host's own";
  EXPECT_TRUE(document["components"]["schemas"].contains("note.Note"));
  EXPECT_TRUE(document["components"]["schemas"].contains("Problem"));
  EXPECT_EQ(call("HEAD", "/api/openapi.json").status, 200);
}

TEST_P(StaffPlugins, WithAFaultyDescriptionAreLeftOut) {
  add_plugin();
  plugins::Inspection inspection;
  inspection.manifest.id = "odd";
  inspection.files["openapi.yaml"] = "paths: [";
  firm_->plugins["odd"].instance = std::make_unique<FakePlugin>(std::move(inspection));
  const Json document = call("GET", "/api/openapi.json").json();
  EXPECT_TRUE(document["paths"].contains("/note"));
  EXPECT_TRUE(document["paths"].contains("/accounts"));
}

TEST(Descriptions, NameWhatCannotBePutIn) {
  const auto merged = merge_descriptions("paths: {}\n", {{"note", "Note", "paths: {x: {}}\n"}});
  ASSERT_FALSE(merged.ok());
  EXPECT_EQ(merged.error().message, "note/openapi.yaml: the path \"x\" does not begin with \"/\"");
}

}  // namespace
}  // namespace postern::staff
