// What the tests of blobs share: a store in a folder of its own, and short ways in and out of it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "host/services/blobs.hpp"
#include "tests/fixtures/database.hpp"

namespace postern::services {

namespace fs = std::filesystem;

inline constexpr Timestamp kFuture{4'102'444'800'000};  // 2100: every file is older
inline constexpr std::int64_t kFrame = 64 * 1024;

inline bool nobody_knows(std::string_view) { return false; }

inline std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937_64 random(seed);
  std::string data;
  data.reserve(size + 8);
  while (data.size() < size) {
    const std::uint64_t word = random();
    data.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  data.resize(size);
  return data;
}

class BlobsBase {
 protected:
  std::unique_ptr<BlobStore> store(bool encrypt, std::int64_t minimum_free = 0) const {
    auto opened = BlobStore::open({folder(), encrypt, minimum_free}, key_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return *std::move(opened);
  }
  static Blob put(BlobStore& store, std::string_view data, std::size_t piece = 100'000) {
    auto writer = store.create(static_cast<std::int64_t>(data.size()));
    EXPECT_TRUE(writer.ok()) << writer.error().message;
    for (std::size_t at = 0; at < data.size(); at += piece) {
      const auto written = (*writer)->write(crypto::bytes(data.substr(at, piece)));
      EXPECT_TRUE(written.ok()) << written.error().message;
    }
    EXPECT_EQ((*writer)->bytes(), static_cast<std::int64_t>(data.size()));
    auto blob = (*writer)->finish();
    EXPECT_TRUE(blob.ok()) << blob.error().message;
    return *std::move(blob);
  }
  static Result<std::string> get(BlobReader& reader, std::int64_t offset, std::size_t size) {
    std::string data(size, '\0');
    POSTERN_TRY(const std::size_t got, reader.read(offset, std::as_writable_bytes(std::span(data))));
    data.resize(got);
    return data;
  }
  static Result<std::string> get_all(BlobStore& store, const Blob& blob) {
    POSTERN_TRY(auto reader, store.read(blob));
    return get(*reader, 0, static_cast<std::size_t>(blob.bytes) + 1);
  }
  std::string folder() const { return (place_.path() / "blobs").string(); }
  std::string path(const Blob& blob) const { return folder() + "/" + blob.id.substr(34) + "/" + blob.id; }
  std::size_t files(const std::string& below = "") const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder() + below))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  std::string raw(const Blob& blob) const {
    std::ifstream file(path(blob), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put_raw(const Blob& blob, const std::string& data) const {
    std::ofstream(path(blob), std::ios::binary | std::ios::trunc) << data;
  }

  testing::TemporaryFolder place_;
  crypto::Key key_ = crypto::Key::random();
};

}  // namespace postern::services
