// Encrypted blobs: nothing changed, exchanged or cut is handed out.
#include <gtest/gtest.h>

#include <map>

#include "host/services/disk.hpp"
#include "tests/unit/services/blobs_fixture.hpp"

namespace postern::services {
namespace {

class EncryptedBlobs : public BlobsBase, public ::testing::Test {};
class PlainBlobs : public BlobsBase, public ::testing::Test {};

TEST_F(PlainBlobs, LendTheirDescriptor) {
  const auto blobs = store(false);
  const Blob blob = put(*blobs, "content");
  auto reader = blobs->read(blob).value();
  const disk::Descriptor file(reader->descriptor().value());
  reader.reset();
  std::array<std::byte, 7> room{};
  EXPECT_EQ(disk::read_at(file.get(), 0, room), 7);
}

TEST_F(EncryptedBlobs, LendNoDescriptor) {
  const auto blobs = store(true);
  EXPECT_FALSE(blobs->read(put(*blobs, "content")).value()->descriptor());
}

TEST_F(EncryptedBlobs, HoldNothingOfTheContent) {
  const auto blobs = store(true);
  const std::string data = "a sentence that must not lie on the disk";
  EXPECT_EQ(raw(put(*blobs, data)).find(data.substr(0, 8)), std::string::npos);
  EXPECT_NE(raw(put(*blobs, data)), raw(put(*blobs, data))) << "a key of its own each";
}

TEST_F(EncryptedBlobs, RefuseEveryFlippedBit) {
  const auto blobs = store(true);
  for (const std::string& data : {std::string(), std::string("a small document")}) {
    const Blob blob = put(*blobs, data);
    const std::string whole = raw(blob);
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string changed = whole;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      put_raw(blob, changed);
      EXPECT_EQ(get_all(*blobs, blob).code(), Code::internal) << bit;
    }
    put_raw(blob, whole);
    EXPECT_EQ(get_all(*blobs, blob).value(), data);
  }
}

TEST_F(EncryptedBlobs, RefuseFramesOutOfPlace) {
  const auto blobs = store(true);
  const Blob blob = put(*blobs, noise(4 * kFrame));
  const std::string whole = raw(blob);
  constexpr std::size_t kSealed = kFrame + 16;
  const auto frame = [&](std::size_t i) { return whole.substr(16 + i * kSealed, kSealed); };
  const std::string start = whole.substr(0, 16);
  const std::map<std::string, std::string> wrong{
      {"swapped", start + frame(1) + frame(0) + frame(2) + frame(3)},
      {"repeated", start + frame(0) + frame(0) + frame(2) + frame(3)},
      {"last one first", start + frame(3) + frame(1) + frame(2) + frame(0)},
  };
  for (const auto& [what, data] : wrong) {
    put_raw(blob, data);
    EXPECT_EQ(get_all(*blobs, blob).error().message,
              "Blob " + blob.id + " is damaged: frame " + (what == "repeated" ? "1" : "0") +
                  " does not authenticate; restore it from the backup.")
        << what;
  }
  // Cut between two frames, and the row changed to match: the last frame's mark is missing.
  put_raw(blob, start + frame(0) + frame(1) + frame(2));
  Blob shorter = blob;
  shorter.bytes = 3 * kFrame;
  EXPECT_EQ(get_all(*blobs, shorter).error().message,
            "Blob " + blob.id + " is damaged: frame 2 does not authenticate; restore it from the backup.");
}

TEST_F(EncryptedBlobs, HandOutNothingOfADamagedFrame) {
  const auto blobs = store(true);
  const std::string data = noise(2 * kFrame);
  const Blob blob = put(*blobs, data);
  std::string changed = raw(blob);
  changed.back() = static_cast<char>(changed.back() ^ 1);
  put_raw(blob, changed);
  const auto reader = blobs->read(blob).value();
  EXPECT_TRUE(get(*reader, 0, kFrame).value() == data.substr(0, kFrame)) << "the first frame is sound";
  std::string room(2 * kFrame, 'x');
  EXPECT_FALSE(reader->read(0, std::as_writable_bytes(std::span(room))).ok());
  EXPECT_EQ(room.find(data.substr(kFrame, 16)), std::string::npos);
  EXPECT_EQ(get(*reader, kFrame + 5, 5).code(), Code::internal) << "by way of the buffer, twice";
  EXPECT_EQ(get(*reader, kFrame + 5, 5).code(), Code::internal);
}

TEST_F(EncryptedBlobs, OpenOnlyWithTheirOwnKey) {
  const auto blobs = store(true);
  const Blob first = put(*blobs, "first");
  const Blob second = put(*blobs, "other");
  Blob mixed = first;
  mixed.wrapped_key = second.wrapped_key;
  const std::string refusal =
      "Blob " + first.id + " cannot be opened: its key was not wrapped by this firm's documents.key.";
  EXPECT_EQ(blobs->read(mixed).error().message, refusal);
  mixed.wrapped_key = "!";
  EXPECT_EQ(blobs->read(mixed).error().message, refusal);
  const crypto::Key another = crypto::Key::random();
  EXPECT_EQ(BlobStore::open({folder(), true, 0}, another).value()->read(first).error().message, refusal);
}

}  // namespace
}  // namespace postern::services
