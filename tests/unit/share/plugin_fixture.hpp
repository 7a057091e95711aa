// The plugin on fakes of every service, with three documents and the settings of its manifest.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "postern/testing/fake_host.hpp"
#include "share.hpp"

namespace postern::share {

using Json = nlohmann::json;
using ::testing::ElementsAre;

inline std::string plugin_file(const std::string& name) {
  std::ifstream file(std::string(SHARE_FOLDER) + "/" + name, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

class SharePluginTest : public ::testing::Test {
 protected:
  SharePluginTest() {
    auto& settings = host.settings;
    settings.set("expires", 30 * kDay);
    settings.set("expires_maximum", 365 * kDay);
    settings.set("maximum_documents", 100);
    settings.set("maximum_recipients", 200);
    settings.set("message_limit", 2000);
    settings.set("notify", 1);
    host.database.apply(plugin_file("schema.sql"));
    letter = host.documents.add("Covering letter.pdf", 4'200'000);
    accounts = host.documents.add("Annual accounts 2026.pdf", 1'000);
    table = host.documents.add("Turnover.xlsx", 2'000, "folder-1",
                               "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    const auto started = plugin.start();
    if (!started.ok()) throw std::runtime_error(started.error().message);
  }

  postern::testing::Answer staff(std::string route, std::string method, Json body = Json::object(),
                                 postern::testing::Fields parameters = {}, const Member& member = me()) {
    return plugin.staff({.route = std::move(route),
                         .method = std::move(method),
                         .parameters = std::move(parameters),
                         .body = body.dump()},
                        member);
  }
  static Member me() { return postern::testing::FakeHost::member(); }

  Json body() const {
    return {
        {"title", "Annual accounts 2026"},
        {"message", "Dear Jane, here they are."},
        {"documents", {letter, accounts, table}},
        {"recipients",
         {{{"name", "Jane Miller"}, {"email", "jane@lumen.example"}},
          {{"name", "Ken Sato"}, {"email", "Ken@lumen.example"}, {"language", "ja"}, {"maximum_uses", 2}}}}};
  }

  /// The share of body(), as it was answered.
  Json share(Json what) {
    const auto answer = staff("create", "POST", std::move(what));
    EXPECT_EQ(answer.status, 201) << answer.error.message << answer.bytes;
    return answer.status == 201 ? Json::parse(answer.bytes) : Json::object();
  }
  Json share() { return share(body()); }

  postern::testing::Answer on_recipient(const std::string& route, const std::string& share,
                                        const std::string& link, Json body = Json::object()) {
    return staff(route, route == "set_expiry" ? "PUT" : "POST", std::move(body),
                 {{"share", share}, {"recipient", link}});
  }

  Json got(const std::string& id, const Member& member = me()) {
    const auto answer = staff("get", "GET", Json::object(), {{"share", id}}, member);
    EXPECT_TRUE(answer.ok()) << answer.error.message;
    return answer.ok() ? Json::parse(answer.bytes) : Json::object();
  }

  std::int64_t rows(const std::string& of) {
    return host.database.look(
        [&](Tx tx) { return tx.row("select count(*) from " + of)->value().integer(0); });
  }

  postern::testing::PluginUnderTest<SharePlugin> plugin;
  postern::testing::FakeHost& host = plugin.host;
  std::string letter, accounts, table;
};

/// The places of the mistakes in problem details.
inline std::vector<std::string> pointers(const postern::testing::Answer& answer) {
  std::vector<std::string> out;
  const Json problem = Json::parse(answer.bytes);
  for (const auto& error : problem["errors"]) out.push_back(error["pointer"]);
  return out;
}

}  // namespace postern::share
