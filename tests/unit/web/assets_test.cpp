// Assets: hashed names, compressed answers, conditions, and colours that can be read.
#include "host/web/assets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/web/brand.hpp"
#include "host/web/negotiate.hpp"

namespace postern::web {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

http::RequestHead request(std::string encoding, std::string if_none_match = {}) {
  http::RequestHead head;
  head.method = "GET";
  if (!encoding.empty()) head.fields.add("Accept-Encoding", std::move(encoding));
  if (!if_none_match.empty()) head.fields.add("If-None-Match", std::move(if_none_match));
  return head;
}

Assets host_assets() {
  auto assets = Assets::create(embedded_files());
  EXPECT_TRUE(assets.ok()) << (assets.ok() ? "" : assets.error().message);
  return std::move(assets).value();
}

const Asset& at(const Assets& assets, const std::string& path) {
  const auto* asset = assets.find(path.substr(std::string("/assets/").size()));
  EXPECT_NE(asset, nullptr) << path;
  return *asset;
}

TEST(Embedded, HoldsTheHostsFiles) {
  const auto files = embedded_files();
  for (const char* path : {"pages/frame.html", "pages/error.html", "messages/en.yaml", "messages/ja.yaml",
                           "schema.sql", "assets/manifest.txt"})
    EXPECT_TRUE(files.contains(path)) << path;
  EXPECT_EQ(embedded_file("schema.sql"), files.at("schema.sql"));
  EXPECT_THAT(files.at("schema.sql"), HasSubstr("create table outbox"));
  EXPECT_TRUE(embedded_file("nothing").empty());
}

TEST(Assets, HaveNamesThatHoldTheirHash) {
  const auto assets = host_assets();
  EXPECT_THAT(assets.path("postern.css"), MatchesRegex("/assets/postern\\.[0-9a-f]{16}\\.css"));
  EXPECT_THAT(assets.path("htmx.js"), MatchesRegex("/assets/htmx\\.[0-9a-f]{16}\\.js"));
  EXPECT_EQ(assets.path("gone.css"), "");
  EXPECT_EQ(assets.find("postern.css"), nullptr);
  EXPECT_EQ(assets.find("../schema.sql"), nullptr);
}

TEST(Assets, CarryTheStylesOfPicoAndOurs) {
  const auto assets = host_assets();
  const auto& css = at(assets, assets.path("postern.css"));
  for (const char* part : {"Pico CSS", ".documents", "--firm-accent"})
    EXPECT_NE(css.identity.find(part), std::string::npos) << part;
  for (const char* fetch : {"url(http", "url(\"http", "url(/", "@import"})
    EXPECT_EQ(css.identity.find(fetch), std::string::npos) << fetch;
  EXPECT_LT(css.br.size(), 16'000U);
}

TEST(Assets, AreServedInTheBestCodingTheClientTakes) {
  const auto assets = host_assets();
  const auto& css = at(assets, assets.path("postern.css"));
  const std::pair<const char*, const char*> cases[] = {{"gzip, deflate, br", "br"},
                                                       {"gzip", "gzip"},
                                                       {"br;q=0, gzip;q=0.5", "gzip"},
                                                       {"*", "br"},
                                                       {"*;q=0", ""},
                                                       {"", ""},
                                                       {"identity", ""},
                                                       {"GZIP", "gzip"},
                                                       {"br;q=0.001", "br"},
                                                       {"br;q=0.000, *", "gzip"},
                                                       {"brotli, gz", ""}};
  for (const auto& [accepted, coding] : cases) {
    const auto response = asset_response(request(accepted), css);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.fields.get("Content-Encoding"), coding) << accepted;
    EXPECT_EQ(response.bytes, std::string_view(coding) == "br"     ? css.br
                              : std::string_view(coding) == "gzip" ? css.gzip
                                                                   : css.identity);
    EXPECT_EQ(response.fields.get("Vary"), "Accept-Encoding");
    EXPECT_EQ(response.fields.get("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(response.fields.get("Content-Type"), "text/css; charset=utf-8");
  }
}

TEST(Assets, AnswerNotModifiedToTheirOwnTag) {
  const auto assets = host_assets();
  const auto& css = at(assets, assets.path("postern.css"));
  for (const auto& tag : {css.etag, "W/" + css.etag, "\"x\", " + css.etag, std::string("*")}) {
    const auto response = asset_response(request("br", tag), css);
    EXPECT_EQ(response.status, 304) << tag;
    EXPECT_TRUE(response.bytes.empty());
    EXPECT_EQ(response.fields.get("ETag"), css.etag);
  }
  EXPECT_EQ(asset_response(request("br", "\"x\""), css).status, 200);
}

TEST(Assets, TakeAPluginsFilesAndRefuseOthers) {
  auto assets = host_assets();
  const std::string script(5000, 'x');
  ASSERT_TRUE(assets.add_plugin("share", {{"web/share.js", script}, {"pages/view.html", "no asset"}}).ok());
  const auto path = assets.path("share/share.js");
  EXPECT_THAT(path, MatchesRegex("/assets/share/share\\.[0-9a-f]{16}\\.js"));
  EXPECT_EQ(at(assets, path).identity, script);
  EXPECT_LT(at(assets, path).gzip.size(), 200U);
  for (const char* name : {"web/page.html", "web/run.sh", "web/.hidden.css", "web/a b.css", "web/../x.css",
                           "web/noextension", "web/x.css.map"})
    EXPECT_EQ(assets.add_plugin("share", {{name, "x"}}).code(), Code::invalid) << name;
  EXPECT_EQ(assets.add_plugin("share", {{"web/big.png", std::string(4 * 1024 * 1024 + 1, 'x')}}).code(),
            Code::too_large);
}

TEST(Assets, KeepEachFirmsFilesBesideEachOther) {
  auto assets = host_assets();
  const auto one = assets.add("brand.css", brand_css("#0b5fa5")),
             two = assets.add("brand.css", brand_css("#7a1f5c"));
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(*one, *two);
  EXPECT_THAT(at(assets, *one).identity, HasSubstr("#0b5fa5"));
  EXPECT_THAT(at(assets, *two).identity, HasSubstr("#7a1f5c"));
}

TEST(Assets, DoNotLetALogoRunAsAPage) {
  auto assets = host_assets();
  const auto logo =
      assets.add("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>");
  ASSERT_TRUE(logo.ok());
  EXPECT_THAT(
      std::string(asset_response(request(""), at(assets, *logo)).fields.get("Content-Security-Policy")),
      AllOf(HasSubstr("default-src 'none'"), HasSubstr("sandbox")));
}

TEST(Assets, RefuseAProgramBuiltHalfWay) {
  auto files = embedded_files();
  for (auto& [path, content] : files)
    if (path.ends_with(".css")) content += " ";
  EXPECT_THAT(Assets::create(files).error().message, HasSubstr("missing or changed; build host/web again"));
  files.erase("assets/manifest.txt");
  EXPECT_THAT(Assets::create(files).error().message, HasSubstr("no assets/manifest.txt"));
}

TEST(Brand, CanAlwaysBeRead) {
  EXPECT_NEAR(contrast("#000000", "#ffffff"), 21, 0.01);
  EXPECT_NEAR(contrast("#777777", "#ffffff"), 4.48, 0.01);
  for (const char* chosen :
       {"#0b5fa5", "#ffff00", "#ffffff", "#000000", "#ff0000", "#12ab56", "#f5a623", "#0000FF"}) {
    const auto accent = accent_from(chosen);
    ASSERT_TRUE(accent) << chosen;
    EXPECT_GE(contrast(accent->light, "#ffffff"), 4.5) << chosen;
    EXPECT_GE(contrast(accent->light_hover, "#ffffff"), 4.5) << chosen;
    EXPECT_GE(contrast(accent->dark, "#181d26"), 4.5) << chosen;
    EXPECT_EQ(accent->was_darkened, contrast(chosen, "#ffffff") < 4.5) << chosen;
  }
  for (const char* bad :
       {"", "red", "#12345", "#1234567", "#12345g", "0b5fa5", "#0b5fa5;}body{display:none"}) {
    EXPECT_FALSE(accent_from(bad)) << bad;
    EXPECT_THAT(brand_css(bad), Not(HasSubstr("{"))) << bad;
  }
}

}  // namespace
}  // namespace postern::web
