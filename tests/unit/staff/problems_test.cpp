// What is wrong with a request, said exactly.
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class Problems : public StaffTest {};
POSTERN_ON_BOTH_DATABASES(Problems);

struct Row {
  const char* method;
  std::string target;
  std::string body;
  int status;
  const char* code;
  std::string detail;
  Json errors = nullptr;
  Headers headers = {};
};

Json at(const char* pointer, const std::string& detail) {
  return Json::array({{{"detail", detail}, {"pointer", pointer}}});
}
Json in_query(const char* name, const std::string& detail) {
  return Json::array({{{"detail", detail}, {"parameter", name}}});
}

const char* title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    default:
      return "?";
  }
}

constexpr char kText[] = "a text of 1 to 200 characters without line breaks and control characters";
constexpr char kNothing[] = "There is nothing here that this key may see.";
constexpr char kNotJson[] = "The body is not JSON as wanted. ";
constexpr char kCursor[] = "\"after\" is not a cursor; take it from \"next\" of the page before.";

TEST_P(Problems, NameThePartWhatWasFoundAndWhatIsWanted) {
  const std::string own = account(), missing = "01890000-0000-7000-8000-000000000000";
  const std::string other = create("accounts", {{"name", "Other"}});
  const std::string foreign = create("accounts/" + other + "/folders", {{"name", "Theirs"}});
  const std::string folders = "/api/v1/accounts/" + own + "/folders", keys = "/api/v1/keys";
  const std::string wanted_name = "\"name\" is missing; wanted is " + std::string(kText) + ".";
  const auto not_a_name = [](const std::string& found) {
    return "\"name\" is " + found + "; wanted is " + kText + ".";
  };
  const std::string type = "The body is sent as another type; send it as application/json in UTF-8.";
  const Json type_error =
      Json::array({{{"detail", "Wanted is application/json."}, {"header", "Content-Type"}}});
  const std::string idempotency =
      "\"Idempotency-Key\" is not usable; wanted is one text of 1 to 255 visible ASCII characters, best a "
      "UUID that was made "
      "for this request alone.";
  const Json idempotency_error = Json::array({{{"detail", idempotency}, {"header", "Idempotency-Key"}}});
  const auto not_json = [](const std::string& what) { return at("#", kNotJson + what); };
  const std::string time = "wanted is a time such as \"2026-01-31T12:00:00Z\".";
  const std::string an_id = "wanted is an id, e.g. \"0197f3a0-7c1e-7b55-8a2d-3f0c9d1e2b4a\".";

  const std::vector<Row> table{
      {"POST", "/api/v1/accounts", "{}", 400, "invalid", wanted_name, at("#/name", wanted_name)},
      {"POST", "/api/v1/accounts", "", 400, "invalid", wanted_name, at("#/name", wanted_name)},
      {"POST", "/api/v1/accounts", R"({"name":null})", 400, "invalid", wanted_name,
       at("#/name", wanted_name)},
      {"POST", "/api/v1/accounts", R"({"name":""})", 400, "invalid", not_a_name("\"\""),
       at("#/name", not_a_name("\"\""))},
      {"POST", "/api/v1/accounts", R"({"name":7})", 400, "invalid", not_a_name("7"),
       at("#/name", not_a_name("7"))},
      {"POST", "/api/v1/accounts", R"({"name":["a"]})", 400, "invalid", not_a_name("a list"),
       at("#/name", not_a_name("a list"))},
      {"POST", "/api/v1/accounts", R"({"name":"a\nb"})", 400, "invalid", not_a_name(R"("a\nb")"),
       at("#/name", not_a_name(R"("a\nb")"))},
      {"POST", "/api/v1/accounts", R"({"name":")" + std::string(201, 'n') + "\"}", 400, "invalid",
       not_a_name("a text of 201 bytes"), at("#/name", not_a_name("a text of 201 bytes"))},
      {"POST", "/api/v1/accounts", R"({"name":"a","kind":"friend"})", 400, "invalid",
       "\"kind\" is \"friend\"; wanted is one of \"client\", \"guest\".",
       at("#/kind", "\"kind\" is \"friend\"; wanted is one of \"client\", \"guest\".")},
      {"POST", "/api/v1/accounts", R"({"name":"a","email":"nobody"})", 400, "invalid",
       "\"email\" is \"nobody\"; wanted is an email address such as \"ann@acme.example\".",
       at("#/email", "\"email\" is \"nobody\"; wanted is an email address such as \"ann@acme.example\".")},
      {"POST", "/api/v1/accounts", R"({"name":"a","colour":"red"})", 400, "invalid",
       R"(The field "colour" is not known here; known are "kind", "name", "email".)",
       at("#/colour", R"(The field "colour" is not known here; known are "kind", "name", "email".)")},
      {"POST", "/api/v1/accounts", R"({"a/b~c":1,"name":"a"})", 400, "invalid",
       R"(The field "a/b~c" is not known here; known are "kind", "name", "email".)",
       at("#/a~1b~0c", R"(The field "a/b~c" is not known here; known are "kind", "name", "email".)")},
      {"POST", "/api/v1/accounts", R"({"kind":1,"nam":"a"})", 400, "invalid",
       "3 parts of the request are wrong; see \"errors\".",
       Json::array(
           {{{"detail", "\"kind\" is 1; wanted is one of \"client\", \"guest\"."}, {"pointer", "#/kind"}},
            {{"detail", wanted_name}, {"pointer", "#/name"}},
            {{"detail", R"(The field "nam" is not known here; known are "kind", "name", "email".)"},
             {"pointer", "#/nam"}}})},
      {"POST", "/api/v1/accounts", "[]", 400, "invalid", "The body is a list; wanted is an object.",
       at("#", "The body is a list; wanted is an object.")},
      {"POST", "/api/v1/accounts", "{\"name\":\n  oops}", 400, "invalid",
       kNotJson + std::string("The syntax breaks at line 2, column 3."),
       not_json("The syntax breaks at line 2, column 3.")},
      {"POST", "/api/v1/accounts", R"({"name":"a"} x)", 400, "invalid",
       kNotJson + std::string("The syntax breaks at line 1, column 14."),
       not_json("The syntax breaks at line 1, column 14.")},
      {"POST", "/api/v1/accounts", "{\"name\":\"\xff\"}", 400, "invalid",
       kNotJson + std::string("The syntax breaks at line 1, column 10."),
       not_json("The syntax breaks at line 1, column 10.")},
      {"POST", "/api/v1/accounts", R"({"name":"a","name":"b"})", 400, "invalid",
       kNotJson + std::string("The name \"name\" stands twice in one object."),
       not_json("The name \"name\" stands twice in one object.")},
      {"POST", "/api/v1/accounts", R"({"name":"a\u0000b"})", 400, "invalid",
       kNotJson + std::string("A text holds the character U+0000, which is not taken."),
       not_json("A text holds the character U+0000, which is not taken.")},
      {"POST", "/api/v1/accounts", R"({"name":)" + std::string(100, '[') + std::string(100, ']') + "}", 400,
       "invalid", kNotJson + std::string("It is nested deeper than 64 levels."),
       not_json("It is nested deeper than 64 levels.")},
      {"POST", "/api/v1/accounts", R"({"name":1e999})", 400, "invalid",
       kNotJson + std::string("A number in it is too large."), not_json("A number in it is too large.")},
      {"POST",
       "/api/v1/accounts",
       "name=a",
       415,
       "unsupported_type",
       type,
       type_error,
       {{"Content-Type", "application/x-www-form-urlencoded"}}},
      {"POST",
       "/api/v1/accounts",
       "{}",
       415,
       "unsupported_type",
       type,
       type_error,
       {{"Content-Type", "text/json"}}},
      {"POST",
       "/api/v1/accounts",
       "{}",
       415,
       "unsupported_type",
       type,
       type_error,
       {{"Content-Type", "application/json; charset=latin1"}}},
      {"POST", "/api/v1/accounts", std::string(1024 * 1024 + 1, ' '), 413, "too_large",
       "the body is too large"},
      {"POST",
       "/api/v1/accounts",
       R"({"name":"a"})",
       400,
       "invalid",
       idempotency,
       idempotency_error,
       {{"Idempotency-Key", ""}}},
      {"POST",
       "/api/v1/accounts",
       R"({"name":"a"})",
       400,
       "invalid",
       idempotency,
       idempotency_error,
       {{"Idempotency-Key", std::string(256, 'k')}}},
      {"POST",
       "/api/v1/accounts",
       R"({"name":"a"})",
       400,
       "invalid",
       idempotency,
       idempotency_error,
       {{"Idempotency-Key", "a b"}}},
      {"POST", "/api/v1/accounts?dry=1", R"({"name":"a"})", 400, "invalid",
       "The query parameter \"dry\" is not known here; this operation takes none.",
       in_query("dry", "The query parameter \"dry\" is not known here; this operation takes none.")},
      {"POST", folders, R"({"name":"a","parent":"x"})", 400, "invalid", "\"parent\" is \"x\"; " + an_id,
       at("#/parent", "\"parent\" is \"x\"; " + an_id)},
      {"POST", folders, R"({"name":"a","parent":")" + foreign + "\"}", 400, "invalid",
       "\"parent\" is no folder of this account.",
       at("#/parent", "\"parent\" is no folder of this account.")},
      {"POST", folders, R"({"name":"a","parent":")" + missing + "\"}", 400, "invalid",
       "\"parent\" is no folder of this account.",
       at("#/parent", "\"parent\" is no folder of this account.")},
      {"POST", "/api/v1/accounts/" + missing + "/folders", R"({"name":"a"})", 404, "not_found", kNothing},
      {"GET", "/api/v1/accounts/" + missing, "", 404, "not_found", kNothing},
      {"GET", "/api/v1/accounts/" + foreign, "", 404, "not_found", kNothing},
      {"GET", "/api/v1/folders/" + own, "", 404, "not_found", kNothing},
      {"GET", "/api/v1/accounts/' or 1=1 --", "", 404, "not_found", kNothing},
      {"GET", "/api/v1/documents/" + missing + "/content", "", 404, "not_found", kNothing},
      {"GET", "/api/v1/documents/" + missing + "/versions", "", 404, "not_found", kNothing},
      {"GET", "/api/v1/links/" + missing, "", 404, "not_found", kNothing},
      {"GET", "/api/v1/links/" + missing + "/address", "", 404, "not_found", kNothing},
      {"POST", "/api/v1/links/" + missing + "/revoke", "", 404, "not_found", kNothing},
      {"POST", "/api/v1/links/" + missing + "/reissue", "{}", 404, "not_found", kNothing},
      {"DELETE", keys + "/" + missing, "", 404, "not_found", kNothing},
      {"GET", "/api/v1/unknown", "", 404, "not_found", kNothing},
      {"GET", "/api/v1/accounts/", "", 404, "not_found", kNothing},
      {"GET", "/api/v2/accounts", "", 404, "not_found", kNothing},
      {"GET", "/api", "", 404, "not_found", kNothing},
      {"PATCH", "/api/v1/accounts", "{}", 405, "invalid",
       "This path does not take that method; it takes GET, HEAD, POST."},
      {"DELETE", "/api/v1/me", "", 405, "invalid",
       "This path does not take that method; it takes GET, HEAD."},
      {"OPTIONS", keys, "", 405, "invalid", "This path does not take that method; it takes GET, HEAD, POST."},
      {"POST", "/api/openapi.json", "{}", 405, "invalid",
       "This path does not take that method; it takes GET, HEAD."},
      {"GET", "/api/v1/accounts?limit=0", "", 400, "invalid",
       "\"limit\" is \"0\"; wanted is a whole number from 1 to 200.",
       in_query("limit", "\"limit\" is \"0\"; wanted is a whole number from 1 to 200.")},
      {"GET", "/api/v1/accounts?after=x!", "", 400, "invalid", kCursor, in_query("after", kCursor)},
      {"GET", "/api/v1/accounts?sort=name", "", 400, "invalid",
       R"(The query parameter "sort" is not known here; known are "limit", "after".)",
       in_query("sort", R"(The query parameter "sort" is not known here; known are "limit", "after".)")},
      {"GET", "/api/v1/links?state=dead", "", 400, "invalid",
       R"("state" is "dead"; wanted is one of "pending", "active", "expired", "used-up", "revoked".)",
       in_query(
           "state",
           R"("state" is "dead"; wanted is one of "pending", "active", "expired", "used-up", "revoked".)")},
      {"GET", "/api/v1/audit?from=yesterday", "", 400, "invalid", "\"from\" is \"yesterday\"; " + time,
       in_query("from", "\"from\" is \"yesterday\"; " + time)},
      {"GET", "/api/v1/audit?link=x", "", 400, "invalid", "\"link\" is \"x\"; " + an_id,
       in_query("link", "\"link\" is \"x\"; " + an_id)},
      {"GET", "/api/v1/audit?after=YQ", "", 400, "invalid",
       "\"after\" is not a cursor of this list; take it from \"next\" of the page before.",
       in_query("after",
                "\"after\" is not a cursor of this list; take it from \"next\" of the page before.")},
      {"GET", "/api/v1/documents/" + missing + "?version=0", "", 400, "invalid",
       "\"version\" is \"0\"; wanted is a whole number from 1 to 1000000.",
       in_query("version", "\"version\" is \"0\"; wanted is a whole number from 1 to 1000000.")},
      {"POST", keys, R"({"name":"a","role":"king"})", 400, "invalid",
       R"("role" is "king"; wanted is one of "read-only", "member", "admin", "owner".)",
       at("#/role", R"("role" is "king"; wanted is one of "read-only", "member", "admin", "owner".)")},
      {"POST", keys, R"({"name":"a","role":"member","expires":"2020-01-01T00:00:00Z"})", 400, "invalid",
       "\"expires\" is in the past; wanted is a time to come, or null for none.",
       at("#/expires", "\"expires\" is in the past; wanted is a time to come, or null for none.")},
      {"PUT", "/api/v1/links/" + missing + "/expiry", R"({"expires":"soon"})", 400, "invalid",
       "\"expires\" is \"soon\"; " + time, at("#/expires", "\"expires\" is \"soon\"; " + time)},
      {"POST", "/api/v1/links/" + missing + "/revoke", R"({"why":"x"})", 400, "invalid",
       "The field \"why\" is not known here; this operation takes none.",
       at("#/why", "The field \"why\" is not known here; this operation takes none.")},
  };
  ASSERT_GE(table.size(), 60U);
  const auto lines = count("audit"), accounts = count("accounts");
  for (const Row& row : table) {
    const Reply reply = call(row.method, row.target, row.body, row.headers);
    Json wanted{{"type", "about:blank"},
                {"title", title(row.status)},
                {"status", row.status},
                {"detail", row.detail},
                {"code", row.code}};
    if (!row.errors.is_null()) wanted["errors"] = row.errors;
    const std::string what = std::string(row.method) + " " + row.target + " " + row.body.substr(0, 80);
    EXPECT_EQ(reply.status, row.status) << what;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json") << what;
    EXPECT_EQ(reply.json(), wanted) << what << "\n" << reply.bytes;
    EXPECT_EQ(reply.fields.has("Allow"), row.status == 405) << what;
  }
  EXPECT_EQ(count("audit"), lines) << "a refused request left a trace";
  EXPECT_EQ(count("accounts"), accounts);
}

TEST_P(Problems, SayTheSameOfWhatIsMissingMalformedAndOfAnotherKind) {
  const std::string own = account();
  const std::string folder = create("accounts/" + own + "/folders", {{"name", "F"}});
  const Reply missing = call("GET", "/api/v1/folders/01890000-0000-7000-8000-000000000000");
  for (const std::string& id : {own, std::string("x"), std::string(36, '0'), folder + "0"})
    EXPECT_EQ(call("GET", "/api/v1/folders/" + id).bytes, missing.bytes) << id;
}

TEST_P(Problems, TakeJsonUnderItsOtherNames) {
  for (const char* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=\"UTF-8\"", "application/vnd.acme+json"})
    EXPECT_EQ(call("POST", "/api/v1/accounts", R"({"name":"Ann"})", {{"Content-Type", type}}).status, 201)
        << type;
}

TEST_P(Problems, HideWhatBrokeInside) {
  firm_->outbox.reset();  // no operation may come this far with a null service; make one
  change({"drop table outbox", "drop table idempotency"});
  const Reply reply = call("POST", "/api/v1/accounts", R"({"name":"Ann"})", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.json()["code"], "internal");
  EXPECT_EQ(reply.bytes.find("idempotency"), std::string::npos) << reply.bytes;
  EXPECT_EQ(count("accounts"), 0);
}

}  // namespace
}  // namespace postern::staff
