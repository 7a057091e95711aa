// Documents as answers: conditions, ranges, headers, and the bytes themselves.
#include "host/services/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "host/services/disk.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kModified = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::string_view kModifiedText = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kEarlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view kLater = "Sun, 06 Nov 1994 08:49:38 GMT";

using FieldList = std::vector<std::pair<std::string, std::string>>;

class Delivery : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { use(some_bytes(1000)); }

  static std::string some_bytes(std::size_t size) {
    std::string data;
    for (std::size_t i = 0; i < size; ++i) data += static_cast<char>(i * 7 + i / 251);
    return data;
  }

  void use(const std::string& data, const std::string& type = "") {
    data_ = data;
    auto writer = store_->create(std::nullopt).value();
    ASSERT_TRUE(writer->write(crypto::bytes(data)).ok());
    document_.blob = writer->finish().value();
    if (!type.empty()) document_.blob.type = type;
    document_.name = "Jahresabschlu\u00DF.pdf";
    document_.created = {kModified * 1000 + 123};
    etag_ = "\"" + document_.blob.sha256 + "\"";
  }

  http::Response ask(const FieldList& fields, const std::string& method = "GET",
                     Disposition disposition = Disposition::attachment) {
    http::RequestHead head;
    head.method = method;
    for (const auto& [name, value] : fields) head.fields.add(name, value);
    return deliver(head, document_, *store_, {.disposition = disposition});
  }

  /// All bytes of the answer, in reads of `room`; checks the promised length.
  static std::string body(const http::Response& response, std::size_t room = 1000) {
    std::string all = response.bytes;
    if (response.file) {
      all.resize(response.file->length());
      EXPECT_EQ(disk::read_at(response.file->descriptor(), static_cast<std::int64_t>(response.file->offset()),
                              std::as_writable_bytes(std::span(all))),
                static_cast<std::ptrdiff_t>(all.size()));
    }
    if (response.source) {
      std::string piece(room, '\0');
      for (ssize_t got; (got = response.source->read(std::as_writable_bytes(std::span(piece)))) != 0;) {
        if (got < 0) return all + "<cut>";
        all.append(piece, 0, static_cast<std::size_t>(got));
      }
      EXPECT_EQ(all.size(), response.source_length.value_or(all.size() + 1)) << "the promised length";
    }
    return all;
  }

  const testing::TemporaryFolder place_;
  const crypto::Key key_ = crypto::Key::random();
  const std::unique_ptr<BlobStore> store_ =
      BlobStore::open({(place_.path() / "blobs").string(), GetParam(), 0}, key_).value();
  Document document_;
  std::string data_;
  std::string etag_;
};

INSTANTIATE_TEST_SUITE_P(Stored, Delivery, ::testing::Values(false, true),
                         [](const auto& test) { return test.param ? "encrypted" : "plain"; });

TEST_P(Delivery, SendsTheWholeWithEveryHeader) {
  const auto response = ask({});
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(body(response) == data_);
  const FieldList wanted{
      {"ETag", etag_},
      {"Last-Modified", std::string(kModifiedText)},
      {"Accept-Ranges", "bytes"},
      {"Cache-Control", "private, no-store"},
      {"Content-Type", "application/octet-stream"},
      {"Content-Disposition",
       "attachment; filename=\"Jahresabschlu_.pdf\"; filename*=UTF-8''Jahresabschlu%C3%9F.pdf"},
      {"X-Content-Type-Options", "nosniff"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Robots-Tag", "noindex, nofollow, noarchive"},
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors "
       "'none'; "
       "sandbox"},
  };
  for (const auto& [name, value] : wanted) EXPECT_EQ(response.fields.get(name), value) << name;
  EXPECT_FALSE(response.fields.has("Content-Length")) << "the server's to set";
  EXPECT_FALSE(response.fields.has("Content-Range"));
}

TEST_P(Delivery, LeavesPlainFilesToTheKernel) {
  const auto whole = ask({});
  EXPECT_EQ(whole.file.has_value(), !GetParam());
  EXPECT_EQ(whole.source != nullptr, GetParam());
  const auto part = ask({{"Range", "bytes=10-19"}});
  EXPECT_EQ(part.file.has_value(), !GetParam());
}

TEST_P(Delivery, AnswersRangesAsTheTableSays) {
  struct Case {
    std::string range;
    int status;
    std::string content_range;  // of a single one
  };
  const Case cases[] = {
      {"bytes=0-0", 206, "bytes 0-0/1000"},
      {"bytes=0-499", 206, "bytes 0-499/1000"},
      {"bytes=500-999", 206, "bytes 500-999/1000"},
      {"bytes=500-", 206, "bytes 500-999/1000"},
      {"bytes=0-", 206, "bytes 0-999/1000"},
      {"bytes=999-", 206, "bytes 999-999/1000"},
      {"bytes=0-99999", 206, "bytes 0-999/1000"},
      {"bytes=-1", 206, "bytes 999-999/1000"},
      {"bytes=-1000", 206, "bytes 0-999/1000"},
      {"bytes=-99999", 206, "bytes 0-999/1000"},
      {"bytes=0-9,5-19", 206, "bytes 0-19/1000"},
      {"bytes=10-19,0-9", 206, "bytes 0-19/1000"},
      {"bytes=0-9,2000-", 206, "bytes 0-9/1000"},
      {"BYTES=0-9", 206, "bytes 0-9/1000"},
      {"bytes=1000-", 416, "bytes */1000"},
      {"bytes=1000-1001", 416, "bytes */1000"},
      {"bytes=-0", 416, "bytes */1000"},
      {"bytes=5000-,-0", 416, "bytes */1000"},
      {"bytes=99999999999999999999-", 416, "bytes */1000"},
      {"bytes=", 200, ""},
      {"bytes=-", 200, ""},
      {"bytes=9-0", 200, ""},
      {"bytes=a-", 200, ""},
      {"bytes 0-9", 200, ""},
      {"lines=0-9", 200, ""},
      {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30,32-32",
       200, ""},
  };
  for (const auto& [range, status, content_range] : cases) {
    const auto response = ask({{"Range", range}});
    EXPECT_EQ(response.status, status) << range;
    EXPECT_EQ(response.fields.get("Content-Range"), content_range) << range;
    EXPECT_TRUE(response.fields.has("Content-Security-Policy")) << range;
    if (status == 416) {
      EXPECT_EQ(body(response), "") << range;
    } else if (status == 200) {
      EXPECT_TRUE(body(response) == data_) << range;
    } else {
      long first = 0;
      long last = 0;
      ASSERT_EQ(std::sscanf(content_range.c_str(), "bytes %ld-%ld", &first, &last), 2);
      EXPECT_TRUE(body(response) ==
                  data_.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1)))
          << range;
      EXPECT_EQ(response.fields.get("Content-Type"), "application/octet-stream");
    }
  }
}

TEST_P(Delivery, SendsSeveralRangesAsParts) {
  const auto response = ask({{"Range", "bytes=900-909, 0-4, -3"}});
  ASSERT_EQ(response.status, 206);
  EXPECT_FALSE(response.fields.has("Content-Range")) << "section 15.3.7.2";
  const std::string type(response.fields.get("Content-Type"));
  const std::string start = "multipart/byteranges; boundary=";
  ASSERT_TRUE(type.starts_with(start)) << type;
  const std::string boundary = type.substr(start.size());
  std::string wanted;
  for (const auto& [offset, length] : {std::pair(900UL, 10UL), std::pair(0UL, 5UL), std::pair(997UL, 3UL)})
    wanted += (wanted.empty() ? "--" : "\r\n--") + boundary +
              "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes " + std::to_string(offset) +
              "-" + std::to_string(offset + length - 1) + "/1000\r\n\r\n" + data_.substr(offset, length);
  wanted += "\r\n--" + boundary + "--\r\n";
  EXPECT_TRUE(body(response) == wanted);
  EXPECT_NE(ask({{"Range", "bytes=0-0,5-5"}}).fields.get("Content-Type"), type) << "a new boundary each time";
  for (const std::size_t room : {1UL, 7UL, 64UL, 100'000UL})
    EXPECT_EQ(body(ask({{"Range", "bytes=900-909, 0-4, -3"}}), room).size(), wanted.size()) << room;
}

TEST_P(Delivery, JudgesConditionsInTheirOrder) {
  const std::string other = "\"" + std::string(64, '0') + "\"";
  const std::string modified(kModifiedText);
  const std::string earlier(kEarlier);
  const std::string later(kLater);
  struct Case {
    FieldList fields;
    int get;  // the status of GET and HEAD, but for ranges
  };
  const Case cases[] = {
      {{{"If-Match", etag_}}, 200},
      {{{"If-Match", "*"}}, 200},
      {{{"If-Match", other}}, 412},
      {{{"If-Match", other + ", " + etag_}}, 200},
      {{{"If-Match", other}, {"If-Match", etag_}}, 200},
      {{{"If-Match", "W/" + etag_}}, 412},
      {{{"If-Match", ""}}, 412},
      {{{"If-Match", "broken"}}, 412},
      {{{"If-Match", etag_}, {"If-Unmodified-Since", earlier}}, 200},
      {{{"If-Unmodified-Since", modified}}, 200},
      {{{"If-Unmodified-Since", later}}, 200},
      {{{"If-Unmodified-Since", earlier}}, 412},
      {{{"If-Unmodified-Since", "not a date"}}, 200},
      {{{"If-None-Match", etag_}}, 304},
      {{{"If-None-Match", "W/" + etag_}}, 304},
      {{{"If-None-Match", "*"}}, 304},
      {{{"If-None-Match", other}}, 200},
      {{{"If-None-Match", other + "," + etag_}}, 304},
      {{{"If-None-Match", "broken"}}, 200},
      {{{"If-None-Match", other}, {"If-Modified-Since", later}}, 200},
      {{{"If-None-Match", etag_}, {"If-Modified-Since", earlier}}, 304},
      {{{"If-Modified-Since", modified}}, 304},
      {{{"If-Modified-Since", later}}, 304},
      {{{"If-Modified-Since", earlier}}, 200},
      {{{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}, 304},
      {{{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}}, 304},
      {{{"If-Modified-Since", "yesterday"}}, 200},
      {{{"If-Match", other}, {"If-None-Match", etag_}}, 412},
      {{{"If-Match", etag_}, {"If-None-Match", etag_}}, 304},
      {{{"If-Unmodified-Since", earlier}, {"If-Modified-Since", later}}, 412},
      {{{"If-None-Match", etag_}, {"Range", "bytes=0-9"}}, 304},
      {{{"If-Match", other}, {"Range", "bytes=5000-"}}, 412},
  };
  for (const auto& [fields, status] : cases) {
    std::string shown;
    for (const auto& [name, value] : fields) shown += name + ": " + value + "; ";
    for (const char* method : {"GET", "HEAD"}) {
      const auto response = ask(fields, method);
      EXPECT_EQ(response.status, status) << method << " " << shown;
      EXPECT_EQ(response.fields.get("ETag"), etag_) << shown;
      EXPECT_EQ(body(response).size(), status == 200 ? data_.size() : 0) << shown;
      EXPECT_EQ(response.fields.get("Cache-Control"), "private, no-store") << shown;
      EXPECT_EQ(response.fields.has("Content-Type"), status == 200) << shown;
    }
  }
}

TEST_P(Delivery, ResumesOnlyWhatHasNotChanged) {
  const std::pair<std::string, int> cases[] = {
      {etag_, 206},
      {"W/" + etag_, 200},
      {"\"other\"", 200},
      {"*", 200},
      {"", 200},
      {etag_ + ", \"other\"", 200},
      {std::string(kModifiedText), 206},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 206},
      {std::string(kEarlier), 200},
      {std::string(kLater), 200},
      {"nonsense", 200},
  };
  for (const auto& [value, status] : cases)
    EXPECT_EQ(ask({{"If-Range", value}, {"Range", "bytes=500-"}}).status, status) << value;
  EXPECT_EQ(ask({{"If-Range", "\"other\""}, {"Range", "bytes=5000-"}}).status, 200)
      << "a range that does not count is no 416";
  EXPECT_EQ(ask({{"If-Range", etag_}}).status, 200);
}

TEST_P(Delivery, IgnoresRangesOfAHead) {
  const auto response = ask({{"Range", "bytes=0-9"}}, "HEAD");
  EXPECT_EQ(response.status, 200) << "RFC 9110 section 14.2";
  EXPECT_FALSE(response.fields.has("Content-Range"));
  EXPECT_EQ(response.file ? response.file->length() : *response.source_length, 1000U);
}

TEST_P(Delivery, IgnoresTwoRangeFields) {
  EXPECT_EQ(ask({{"Range", "bytes=0-9"}, {"Range", "bytes=20-29"}}).status, 200);
}

TEST_P(Delivery, SendsAnEmptyDocument) {
  use("");
  const auto whole = ask({});
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(body(whole), "");
  EXPECT_FALSE(whole.file || whole.source);
  const auto range = ask({{"Range", "bytes=0-"}});
  EXPECT_EQ(range.status, 416);
  EXPECT_EQ(range.fields.get("Content-Range"), "bytes */0");
  EXPECT_EQ(ask({{"Range", "bytes=-5"}}).status, 200);
}

TEST_P(Delivery, ShowsOnlyWhatCannotRun) {
  const auto policy = [&](const std::string& type) {
    document_.blob.type = type;
    const auto response = ask({}, "GET", Disposition::inline_view);
    return std::string(response.fields.get("Content-Disposition").substr(0, 6)) + " " +
           (response.fields.get("Content-Security-Policy").ends_with("; sandbox") ? "sandboxed" : "open");
  };
  EXPECT_EQ(policy("application/pdf"), "inline open") << "Safari's viewer refuses a sandboxed PDF";
  EXPECT_EQ(policy("image/png"), "inline sandboxed");
  EXPECT_EQ(policy("text/plain"), "inline sandboxed");
  for (const char* type :
       {"text/html", "image/svg+xml", "application/xhtml+xml", "application/zip", "text/xml"})
    EXPECT_EQ(policy(type), "attach sandboxed") << type;
  document_.blob.type = "application/pdf";
  EXPECT_THAT(std::string(ask({}).fields.get("Content-Security-Policy")), HasSubstr("sandbox"))
      << "downloaded";
}

TEST_P(Delivery, SaysUtf8WhenItIs) {
  const auto type = [&](const std::string& data) {
    use(data, "text/plain");
    return std::string(ask({}, "GET", Disposition::inline_view).fields.get("Content-Type"));
  };
  EXPECT_EQ(type("plain"), "text/plain; charset=utf-8");
  EXPECT_EQ(type("契約"), "text/plain; charset=utf-8");
  EXPECT_EQ(type("\x93\xfa\x96\x7b"), "text/plain") << "Shift_JIS: the browser guesses better";
  EXPECT_EQ(type(std::string(16 * 1024 - 1, 'x') + "契約"), "text/plain; charset=utf-8")
      << "cut within a character";
}

class EncryptedDelivery : public Delivery {};
INSTANTIATE_TEST_SUITE_P(Stored, EncryptedDelivery, ::testing::Values(true));

TEST_P(EncryptedDelivery, CutsTheAnswerWhenTheBlobIsDamaged) {
  use(some_bytes(200'000));
  const std::string path =
      (place_.path() / "blobs" / document_.blob.id.substr(34) / document_.blob.id).string();
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(16 + 2 * (65536 + 16) + 5);
  file.put('x');
  file.close();
  const std::string got = body(ask({}), 100'000);
  EXPECT_TRUE(got.ends_with("<cut>"));
  EXPECT_TRUE(got.starts_with(data_.substr(0, 131'072)));
  EXPECT_EQ(got.size(), 131'072 + 5U) << "nothing of the damaged frame";
  EXPECT_EQ(body(ask({{"Range", "bytes=0-99"}})), data_.substr(0, 100)) << "sound frames are still there";
}

TEST_P(Delivery, FailsWhenTheBlobIsGone) {
  ASSERT_TRUE(store_->remove(document_.blob.id).ok());
  const auto response = ask({});
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.fields.get("Cache-Control"), "no-store");
  EXPECT_FALSE(response.fields.has("ETag"));
  EXPECT_FALSE(response.file || response.source);
}

TEST_P(Delivery, SendsEveryRangeOfALargeDocument) {
  use(some_bytes(300'001));
  for (std::size_t i = 0; i < 200; ++i) {
    const std::size_t first = i * 7919 % 300'001;
    const std::size_t last = std::min<std::size_t>(first + i * i * 13, 300'000);
    const auto response = ask({{"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last)}});
    ASSERT_EQ(response.status, 206);
    for (const std::size_t room : {16'384UL, 65'536UL, 262'144UL}) {
      ASSERT_TRUE(body(ask({{"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last)}}),
                       room) == data_.substr(first, last - first + 1))
          << first << "-" << last << " by " << room;
      if (!GetParam()) break;
    }
  }
}

}  // namespace
}  // namespace postern::services
