// The host's description and its table of operations are two lists of the same thing.
#include <set>

#include "host/staff/openapi.hpp"
#include "host/staff/router.hpp"
#include "host/web/embedded.hpp"
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

TEST(Description, HoldsEveryOperationOfTheTableAndNoOther) {
  const auto text = merge_descriptions(web::embedded_file("openapi.yaml"), {});
  ASSERT_TRUE(text.ok()) << text.error().message;
  const Json document = Json::parse(*text);
  std::set<std::string> described, table;
  for (const auto& [path, item] : document["paths"].items())
    for (const auto& [method, operation] : item.items()) {
      if (!operation.is_object() || !operation.contains("operationId")) continue;
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
      described.insert(operation["operationId"].get<std::string>() + " " + upper + " " + path);
    }
  for (const Operation& operation : operations())
    table.insert(std::string(operation.id) + " " + std::string(operation.method) + " /" +
                 std::string(operation.pattern));
  EXPECT_EQ(described, table);
}

TEST(Description, NamesEveryQueryParameterOfTheTable) {
  const Json document = Json::parse(merge_descriptions(web::embedded_file("openapi.yaml"), {}).value());
  for (const Operation& operation : operations()) {
    std::string method(operation.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const Json& described = document["paths"]["/" + std::string(operation.pattern)][method];
    std::set<std::string> names;
    for (const Json& one : described.value("parameters", Json::array())) {
      const Json& parameter =
          one.contains("$ref") ? document[Json::json_pointer(one["$ref"].get<std::string>().substr(1))] : one;
      if (parameter["in"] == "query") names.insert(parameter["name"]);
    }
    std::set<std::string> table;
    std::istringstream words{std::string(operation.query)};
    for (std::string word; words >> word;) table.insert(word);
    EXPECT_EQ(names, table) << operation.id;
  }
}

TEST(Routes, PreferLiteralsAndNameTheMethods) {
  EXPECT_EQ(route("GET", "audit/verify").operation->id, "verifyAudit");
  EXPECT_EQ(route("HEAD", "links/x").operation->id, "getLink");
  EXPECT_EQ(route("PUT", "folders/f/documents/a.txt").parameters.at("name"), "a.txt");
  EXPECT_EQ(route("GET", "folders/f/documents/a.txt").allow, "PUT");
  EXPECT_EQ(route("PUT", "keys/x").allow, "DELETE, GET, HEAD");
  for (const char* path :
       {"", "/", "accounts/", "accounts//folders", "links/x/y", "folders/f/documents/a/b"}) {
    EXPECT_EQ(route("GET", path).operation, nullptr) << path;
    EXPECT_EQ(route("GET", path).allow, "") << path;
  }
  EXPECT_TRUE(is_reserved("keys"));
  EXPECT_FALSE(is_reserved("share"));
}

}  // namespace
}  // namespace postern::staff
