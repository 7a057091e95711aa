// Documents through the API: in by one PUT, out with ranges.
#include "host/staff/upload.hpp"

#include "host/crypto/crypto.hpp"
#include "tests/unit/staff/house.hpp"

namespace postern::staff {
namespace {

class Uploads : public StaffTest {
 protected:
  void SetUp() override {
    StaffTest::SetUp();
    if (!IsSkipped()) where_ = folder();
  }
  std::string content(const std::string& document, const std::string& query = "",
                      const Headers& headers = {}) {
    return call("GET", "/api/v1/documents/" + document + "/content" + query, "", headers).bytes;
  }
  /// Nothing of an upload is left, in the database or on disk.
  void expect_nothing_left() {
    EXPECT_EQ(count("documents"), 0);
    EXPECT_EQ(count("document_versions"), 0);
    EXPECT_EQ(blob_files(), 0U);
    EXPECT_EQ(call("GET", "/api/v1/folders/" + where_ + "/documents").json()["items"].size(), 0U);
  }
  static std::string digest(const std::string& content) {
    return "sha-256=:" + crypto::base64(crypto::sha256(content)) + ":";
  }

  std::string where_;
};
POSTERN_ON_BOTH_DATABASES(Uploads);

constexpr char kText[] = "Dear Jane, the accounts are attached.\n";

TEST_P(Uploads, BecomeADocumentThatComesBackWhole) {
  const std::string body = kText;
  const Reply put =
      upload(where_, "Lettre à Zoë.txt",
             {.body = body, .announced = body.size(), .headers = {{"Content-Digest", digest(body)}}});
  ASSERT_EQ(put.status, 201) << put.bytes;
  const Json document = put.json();
  EXPECT_EQ(put.header("Location"), "/api/v1/documents/" + document["id"].get<std::string>());
  EXPECT_EQ(document["name"], "Lettre à Zoë.txt");
  EXPECT_EQ(document["bytes"], body.size());
  EXPECT_EQ(document["type"], "text/plain");
  EXPECT_EQ(document["sha256"], crypto::hex(crypto::sha256(body)));
  EXPECT_TRUE(document["created_by"].get<std::string>().starts_with("key:"));
  EXPECT_EQ(call("GET", put.header("Location")).json(), document);
  EXPECT_EQ(content(document["id"]), body);
  const Reply part = call("GET", put.header("Location") + "/content", "", {{"Range", "bytes=5-8"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.bytes, "Jane");
  EXPECT_EQ(call("GET", put.header("Location") + "/content?disposition=inline")
                .header("Content-Disposition")
                .substr(0, 6),
            "inline");
}

TEST_P(Uploads, MayBeChunkedAndEmpty) {
  EXPECT_EQ(upload(where_, "chunked.txt", {.body = kText, .announced = {}}).status, 201);
  const Reply empty = upload(where_, "empty", {.body = "", .announced = 0});
  EXPECT_EQ(empty.status, 201) << empty.bytes;
  EXPECT_EQ(empty.json()["bytes"], 0);
  EXPECT_EQ(content(empty.json()["id"]), "");
}

TEST_P(Uploads, OfTheSameNameAreVersions) {
  const std::string id = upload(where_, "a.txt", {.body = "one", .announced = 3}).json()["id"];
  const Reply second = upload(where_, "a.txt", {.body = "two!", .announced = 4});
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.json()["id"], id);
  EXPECT_EQ(second.json()["version"], 2);
  EXPECT_EQ(content(id), "two!");
  EXPECT_EQ(content(id, "?version=1"), "one");
  EXPECT_EQ(call("GET", "/api/v1/documents/" + id + "/content?version=3").status, 404);
  EXPECT_EQ(call("GET", "/api/v1/documents/" + id + "/versions").json()["items"].size(), 2U);
  EXPECT_EQ(call("GET", "/api/v1/documents/" + id + "?version=1").json()["bytes"], 3);
}

TEST_P(Uploads, DoNotOverwriteWhenAskedNotTo) {
  const Headers only_new{{"If-None-Match", "*"}};
  EXPECT_EQ(upload(where_, "a.txt", {.body = "one", .announced = 3, .headers = only_new}).status, 201);
  const Reply taken = upload(where_, "a.txt", {.body = "two", .announced = 3, .headers = only_new});
  EXPECT_EQ(taken.status, 412) << taken.bytes;
  EXPECT_TRUE(taken.refused_early) << "the bytes were sent in vain";
  EXPECT_EQ(upload(where_, "a.txt", {.body = "two", .announced = 3, .headers = {{"If-None-Match", "\"x\""}}})
                .status,
            400);
  EXPECT_EQ(count("document_versions"), 1);
  EXPECT_EQ(blob_files(), 1U);
}

TEST_P(Uploads, ThatAreCutShortNeverBecomeADocument) {
  const std::string body(1000, 'x');
  for (const std::size_t arrives : {0, 1, 500, 999}) {
    EXPECT_EQ(upload(where_, "a.bin", {.body = body, .announced = body.size(), .arrives = arrives}).status,
              0);
    expect_nothing_left();
  }
  // Should the server take a short body for a whole one, then the length still tells.
  const Reply shorter = upload(where_, "a.bin", {.body = body, .announced = body.size() + 1});
  EXPECT_EQ(shorter.status, 400);
  EXPECT_EQ(shorter.json()["detail"], "The body is shorter than its Content-Length; nothing of it was kept.");
  expect_nothing_left();
}

TEST_P(Uploads, OverTheLimitAreRefusedEarlyOrOnTheWay) {
  const std::string body(100, 'x');
  const Reply announced = upload(where_, "a.bin", {.body = body, .announced = 100, .limit = 99});
  EXPECT_EQ(announced.status, 413);
  EXPECT_TRUE(announced.refused_early);
  const Reply chunked = upload(where_, "a.bin", {.body = body, .announced = {}, .limit = 99});
  EXPECT_EQ(chunked.status, 413) << chunked.bytes;
  EXPECT_EQ(chunked.json()["code"], "too_large");
  EXPECT_EQ(chunked.json()["detail"], "The document is larger than the 99 bytes that one may have.");
  expect_nothing_left();
  EXPECT_EQ(upload(where_, "a.bin", {.body = body, .announced = {}, .limit = 100}).status, 201);
}

TEST_P(Uploads, AreRefusedWhenTheDiskIsFull) {
  auto full = services::BlobStore::open(
      {.folder = (folder_.path() / "blobs").string(), .minimum_free = std::int64_t{1} << 60},
      firm_->keys->documents());
  ASSERT_TRUE(full.ok());
  firm_->blobs = *std::move(full);
  for (const std::optional<std::uint64_t> announced :
       {std::optional<std::uint64_t>(3), std::optional<std::uint64_t>()}) {
    const Reply reply = upload(where_, "a.bin", {.body = "abc", .announced = announced});
    EXPECT_EQ(reply.status, 507) << reply.bytes;
    EXPECT_EQ(reply.json()["code"], "no_space");
  }
  expect_nothing_left();
}

TEST_P(Uploads, AreComparedWithTheirDigest) {
  const std::string body = kText, other = digest("something else");
  for (const Headers& headers :
       {Headers{{"Content-Digest", other}}, Headers{{"Repr-Digest", "sha-512=:x:, " + other}},
        Headers{{"Digest", "SHA-256=" + crypto::base64(crypto::sha256("other"))}}}) {
    const Reply reply = upload(where_, "a.txt", {.body = body, .announced = body.size(), .headers = headers});
    EXPECT_EQ(reply.status, 400) << reply.bytes;
    EXPECT_FALSE(reply.refused_early);
    EXPECT_NE(reply.json()["detail"].get<std::string>().find(crypto::hex(crypto::sha256(body))),
              std::string::npos);
    expect_nothing_left();
  }
  for (const char* bad :
       {"sha-256", "sha-256=", "sha-256=:", "sha-256=::", "sha-256=:AAAA:", "sha-256=abc", "sha-256=:!:"}) {
    const Reply reply = upload(
        where_, "a.txt", {.body = body, .announced = body.size(), .headers = {{"Content-Digest", bad}}});
    EXPECT_EQ(reply.status, 400) << bad;
    EXPECT_TRUE(reply.refused_early) << bad;
    EXPECT_EQ(reply.json()["errors"][0]["header"], "Content-Digest");
  }
  EXPECT_EQ(
      upload(where_, "a.txt",
             {.body = body, .announced = body.size(), .headers = {{"Content-Digest", "sha-512=:AA==:"}}})
          .status,
      201);
  EXPECT_EQ(upload(where_, "b.txt",
                   {.body = body,
                    .announced = body.size(),
                    .headers = {{"Digest", "SHA-256=" + crypto::base64(crypto::sha256(body))}}})
                .status,
            201);
}

TEST_P(Uploads, AreRefusedBeforeAByteIsRead) {
  const std::string missing = "01890000-0000-7000-8000-000000000000";
  const auto refused = [&](const std::string& folder, const Headers& headers, int status) {
    const Reply reply = upload(folder, "a.txt", {.body = "abc", .announced = 3, .headers = headers});
    EXPECT_EQ(reply.status, status) << reply.bytes;
    EXPECT_TRUE(reply.refused_early);
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
  };
  refused(missing, {}, 404);
  refused("x", {}, 404);
  refused(account(), {}, 404);
  refused(where_, {{"Authorization", ""}}, 401);
  refused(where_, {{"Authorization", "Bearer x"}}, 401);
  refused(where_, {{"Content-Encoding", "gzip"}}, 415);
  refused(where_, {{"Content-Range", "bytes 0-2/9"}}, 400);
  refused(where_, {{"Idempotency-Key", "a b"}}, 400);
  EXPECT_EQ(upload(where_, "a.txt", {.body = "", .announced = {}, .headers = {{"X-No-Length", "1"}}}).status,
            411);
  expect_nothing_left();
}

TEST_P(Uploads, AskedForTwiceAreKeptOnce) {
  const Headers key{{"Idempotency-Key", "u1"}};
  const Reply first = upload(where_, "a.txt", {.body = "one", .announced = 3, .headers = key});
  const Reply again = upload(where_, "a.txt", {.body = "one", .announced = 3, .headers = key});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.bytes, first.bytes);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(upload(where_, "a.txt", {.body = "two", .announced = 3, .headers = key}).status, 422);
  EXPECT_EQ(count("document_versions"), 1);
  EXPECT_EQ(blob_files(), 1U) << "the second copy stayed on disk";
  EXPECT_EQ(content(first.json()["id"]), "one");
}

TEST_P(Uploads, WhoseKeyIsRevokedOnTheWayAreNotKept) {
  const std::string text = key(plugins::Role::member);
  http::RequestHead head;
  head.method = "PUT";
  head.path = "/api/v1/folders/" + where_ + "/documents/a.txt";
  head.fields.add("Authorization", "Bearer " + text);
  head.content_length = 3;
  auto exchange = begin_upload(*firm_, head, {{"folder", where_}, {"name", "a.txt"}}, 100);
  ASSERT_FALSE(exchange->admit().has_value());
  ASSERT_TRUE(exchange->take(std::as_bytes(std::span("abc", 3))));
  change({"update api_keys set revoked_at = 1 where role = 'member'"});
  EXPECT_EQ(exchange->answer({}).status, 401);
  exchange.reset();
  expect_nothing_left();
}

TEST_P(Uploads, AnswerConditionsAsProblems) {
  const std::string id = upload(where_, "a.txt", {.body = "one", .announced = 3}).json()["id"];
  const std::string path = "/api/v1/documents/" + id + "/content";
  const Reply whole = call("GET", path);
  EXPECT_EQ(call("GET", path, "", {{"If-None-Match", whole.header("ETag")}}).status, 304);
  const Reply beyond = call("GET", path, "", {{"Range", "bytes=10-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("Content-Range"), "bytes */3");
  EXPECT_EQ(beyond.json()["code"], "range_not_satisfiable");
  EXPECT_EQ(call("GET", path, "", {{"If-Match", "\"other\""}}).json()["code"], "precondition_failed");
}

}  // namespace
}  // namespace postern::staff
