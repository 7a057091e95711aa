// A firm without a server: the staff API's exchanges driven by hand, as the server would drive them.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/firm/firm.hpp"
#include "host/http/application.hpp"
#include "host/staff/keys.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::staff {

using Json = nlohmann::json;
using Headers = std::map<std::string, std::string>;

/// What came back.
struct Reply {
  int status = 0;
  http::Fields fields;
  std::string bytes;
  bool refused_early = false;  // by admit()

  Json json() const { return Json::parse(bytes, nullptr, false); }
  std::string header(std::string_view name) const { return std::string(fields.get(name)); }
};

/// A plugin with a staff door that does what the test says.
class FakePlugin;

class StaffTest : public postern::testing::DatabaseTest {
 public:
  StaffTest();
  ~StaffTest() override;

 protected:
  void SetUp() override;

  /// A request with `key` (the owner's when not given), as the server would hand it on. A path in `target` is
  /// decoded already; what stands behind '?' is not. A JSON body gets its Content-Type.
  Reply call(const std::string& method, const std::string& target, const std::string& body = {},
             const Headers& headers = {});
  Reply call_as(const std::string& key, const std::string& method, const std::string& target,
                const std::string& body = {}, const Headers& headers = {});

  /// A streamed upload in pieces. `announced`: Content-Length; empty: chunked. `arrives`: how much of the
  /// body does before the client goes away; then there is no reply (status 0).
  struct Upload {
    std::string body;
    std::optional<std::uint64_t> announced;
    std::size_t arrives = std::string::npos;
    std::uint64_t limit = std::uint64_t{1} << 40;
    Headers headers = {};
  };
  Reply upload(const std::string& folder, const std::string& name, Upload upload);

  /// 201's id.
  std::string create(const std::string& path, const Json& body);
  std::string account();
  std::string folder();
  /// A link on a resource nobody looks at.
  services::Link link(const std::string& email = "bob@bank.example");
  std::string key(plugins::Role role, Timestamp expires = {});
  std::int64_t count(const std::string& table);
  /// Files in the blob folder.
  std::size_t blob_files() const;
  FakePlugin& add_plugin();

  postern::testing::TemporaryFolder folder_;
  std::unique_ptr<firm::Firm> firm_;
  std::string owner_;  // key
};

}  // namespace postern::staff
