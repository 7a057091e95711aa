// Known answers of the GCM specification (test cases 13, 14 and 16) and what a changed box must not do.
#include <gtest/gtest.h>

#include "host/crypto/crypto.hpp"

namespace postern::crypto {
namespace {

std::string raw(std::string_view hex_text) { return unhex(hex_text).value(); }
Key key_of(std::string_view hex_text) { return Key::from_bytes(bytes(raw(hex_text))).value(); }
const std::string_view kZeroKey = "0000000000000000000000000000000000000000000000000000000000000000";
const std::string_view kSpecKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

std::string sealed_frame(const Key& key, std::uint64_t frame, bool last, std::string_view plain) {
  std::string out(plain.size() + 16, '\0');
  FrameCipher(key).seal(frame, last, bytes(plain), std::as_writable_bytes(std::span(out)));
  return out;
}

std::optional<std::string> opened_frame(const Key& key, std::uint64_t frame, bool last,
                                        std::string_view sealed) {
  std::string out(sealed.size() - 16, 'x');
  if (!FrameCipher(key).open(frame, last, bytes(sealed), std::as_writable_bytes(std::span(out)))) {
    EXPECT_EQ(out, std::string(out.size(), '\0')) << "what did not authenticate must be wiped";
    return std::nullopt;
  }
  return out;
}

TEST(Key, HasThirtyTwoBytes) {
  EXPECT_TRUE(Key::from_bytes(bytes(std::string(32, 'k'))).ok());
  for (const std::size_t size : {0U, 31U, 33U}) {
    const auto key = Key::from_bytes(bytes(std::string(size, 'k')));
    EXPECT_EQ(key.code(), Code::invalid);
    EXPECT_EQ(key.error().message, "A key has 32 bytes; found " + std::to_string(size) + ".");
  }
  EXPECT_FALSE(equal(Key::random().bytes(), Key::random().bytes()));
}

TEST(Seal, OpensTheSpecificationsTestCase16) {
  const std::string box =
      raw("cafebabefacedbaddecaf888"
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b");
  const auto plain = open(key_of(kSpecKey), raw("feedfacedeadbeeffeedfacedeadbeefabaddad2"), bytes(box));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(hex(bytes(*plain)),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(Seal, OpensWhatItSealed) {
  const Key key = Key::random();
  for (const std::string& plain : {std::string(), std::string("x"), std::string(100'000, 'y')}) {
    const std::string box = seal(key, "context", bytes(plain));
    EXPECT_EQ(box.size(), plain.size() + 28);
    EXPECT_EQ(open(key, "context", bytes(box)).value(), plain);
    EXPECT_NE(seal(key, "context", bytes(plain)), box) << "the nonce must be new each time";
  }
}

TEST(Seal, RefusesAnotherKeyAnotherContextAndEveryChangedBit) {
  const Key key = Key::random();
  const std::string box = seal(key, "blob 1", bytes("secret"));
  EXPECT_EQ(open(Key::random(), "blob 1", bytes(box)).code(), Code::invalid);
  EXPECT_EQ(open(key, "blob 2", bytes(box)).code(), Code::invalid);
  EXPECT_EQ(open(key, "", bytes(box)).code(), Code::invalid);
  for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
    std::string changed = box;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(open(key, "blob 1", bytes(changed)).code(), Code::invalid) << bit;
  }
  for (std::size_t size = 0; size < box.size(); ++size)
    EXPECT_EQ(open(key, "blob 1", bytes(box).first(size)).code(), Code::invalid) << size;
}

TEST(FrameCipher, AnswersAsTheSpecificationsTestCases13And14) {
  EXPECT_EQ(hex(bytes(sealed_frame(key_of(kZeroKey), 0, false, ""))), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(hex(bytes(sealed_frame(key_of(kZeroKey), 0, false, std::string(16, '\0')))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(FrameCipher, OpensAFrameOnlyInItsPlace) {
  const Key key = Key::random();
  const std::string sealed = sealed_frame(key, 7, false, "frame seven");
  EXPECT_EQ(opened_frame(key, 7, false, sealed), "frame seven");
  EXPECT_FALSE(opened_frame(key, 8, false, sealed)) << "swapped";
  EXPECT_FALSE(opened_frame(key, 7, true, sealed)) << "made the last one";
  EXPECT_FALSE(opened_frame(key, 7ULL << 32, false, sealed)) << "high bits of the number";
  EXPECT_FALSE(opened_frame(Key::random(), 7, false, sealed)) << "another file's";
  EXPECT_FALSE(opened_frame(key, 7, false, std::string_view(sealed).substr(1))) << "shortened";
}

TEST(FrameCipher, KeepsItsKeyFromFrameToFrame) {
  const Key key = Key::random();
  FrameCipher cipher(key);
  for (std::uint64_t frame = 0; frame < 5; ++frame) {
    const std::string plain = "frame " + std::to_string(frame);
    const std::string sealed = sealed_frame(key, frame, frame == 4, plain);
    std::string text = plain + std::string(16, '\0');
    const auto room = std::as_writable_bytes(std::span(text));
    cipher.seal(frame, frame == 4, bytes(plain), room);
    EXPECT_EQ(text, sealed) << "in place";
    EXPECT_FALSE(cipher.open(frame + 1, frame == 4, room, room.first(plain.size())));
    std::copy(sealed.begin(), sealed.end(), text.begin());
    ASSERT_TRUE(cipher.open(frame, frame == 4, room, room.first(plain.size()))) << "in place";
    EXPECT_EQ(text.substr(0, plain.size()), plain);
  }
}

TEST(FrameCipher, TakesNoBufferOfTheWrongSize) {
  FrameCipher cipher(Key::random());
  std::array<std::byte, 20> room{};
  EXPECT_THROW(cipher.seal(0, true, bytes("four"), std::span(room).first(19)), std::invalid_argument);
  EXPECT_THROW((void)cipher.open(0, true, room, std::span(room).first(5)), std::invalid_argument);
  EXPECT_THROW((void)cipher.open(0, true, std::span(room).first(15), {}), std::invalid_argument);
}

}  // namespace
}  // namespace postern::crypto
