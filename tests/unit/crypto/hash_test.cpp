// Known answers of FIPS 180-4, RFC 4231 and ISO 3309, and the strictness of the decoders (vectors of RFC
// 4648).
#include <gtest/gtest.h>

#include "host/crypto/crypto.hpp"

namespace postern::crypto {
namespace {

std::string raw(std::string_view hex_text) { return unhex(hex_text).value(); }

TEST(Sha256, AnswersAsFips180Says) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameInPieces) {
  const std::string data(1'000'000, 'a');
  for (const std::size_t size : {1U, 63U, 64U, 65U, 4096U, 999'999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < data.size(); at += size)
      hash.update(bytes(std::string_view(data).substr(at, size)));
    EXPECT_EQ(hash.finish(), sha256(data)) << size;
  }
  Sha256 nothing;
  nothing.update({});
  EXPECT_EQ(nothing.finish(), sha256(""));
}

TEST(Sha256, MovesWithItsState) {
  Sha256 first;
  first.update(bytes("a"));
  Sha256 second = std::move(first);
  second.update(bytes("bc"));
  EXPECT_EQ(second.finish(), sha256("abc"));
}

TEST(HmacSha256, AnswersAsRfc4231Says) {
  struct Case {
    std::string key, data;
    std::string_view mac;
  };
  const Case cases[] = {{std::string(20, '\x0b'), "Hi There",
                         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
                        {"Jefe", "what do ya want for nothing?",
                         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
                        {std::string(20, '\xaa'), std::string(50, '\xdd'),
                         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
                        {raw("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
                         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
                        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
                         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
                        {std::string(131, '\xaa'),
                         "This is a test using a larger than block-size key and a larger than block-size "
                         "data. The key needs to be "
                         "hashed before being used by the HMAC algorithm.",
                         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
                        {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}};
  for (const auto& [key, data, mac] : cases)
    EXPECT_EQ(hex(hmac_sha256(bytes(key), bytes(data))), mac) << data;
}

TEST(Equal, ComparesLengthAndEveryByte) {
  EXPECT_TRUE(equal(bytes(""), bytes("")));
  EXPECT_TRUE(equal(bytes("abc"), bytes("abc")));
  EXPECT_FALSE(equal(bytes("abc"), bytes("abcd")));
  EXPECT_FALSE(equal(bytes("abc"), bytes("abd")));
  EXPECT_FALSE(equal(bytes("xbc"), bytes("abc")));
}

TEST(Random, DoesNotRepeat) {
  std::array<std::byte, 32> first{}, second{};
  random(first);
  random(second);
  EXPECT_NE(first, second);
  EXPECT_NE(first, (std::array<std::byte, 32>{}));
}

TEST(Crc32, AnswersAsZipExpects) {
  EXPECT_EQ(crc32(0, {}), 0U);
  EXPECT_EQ(crc32(0, bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32(crc32(0, bytes("1234")), bytes("56789")), 0xcbf43926U);
  EXPECT_EQ(crc32(0xcbf43926U, {}), 0xcbf43926U);
}

TEST(Base64, AnswersAsRfc4648Says) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"},
                                                                 {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(base64(bytes(plain)), text);
    EXPECT_EQ(unbase64(text), plain);
  }
  EXPECT_EQ(base64url(bytes("\xfb\xff\xfe")), "-__-");
  EXPECT_EQ(base64url(bytes("f")), "Zg");
  EXPECT_EQ(unbase64url("-__-"), "\xfb\xff\xfe");
}

TEST(Base64, RefusesEverySecondSpelling) {
  for (const std::string_view text :
       {"Zg==", "Zg=", "Z", "Zh", "Zm9", "Zm9v ", "Zm9v\n", "+//+", "Zm9vY", "Zm\0v", "="})
    EXPECT_FALSE(unbase64url(text)) << text;
  EXPECT_FALSE(unbase64url(std::string_view("Zm\0v", 4)));
  for (const std::string_view text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "-__-", "Zm9v\n", "=Zg="})
    EXPECT_FALSE(unbase64(text)) << text;
}

TEST(Hex, RoundTripsAndRefusesTheRest) {
  EXPECT_EQ(hex(bytes(std::string_view("\x00\x1f\xff", 3))), "001fff");
  EXPECT_EQ(unhex("001FfF"), std::string("\x00\x1f\xff", 3));
  EXPECT_EQ(unhex(""), "");
  for (const std::string_view text : {"0", "0g", "g0", " 00", "0x00", "00 "})
    EXPECT_FALSE(unhex(text)) << text;
}

}  // namespace
}  // namespace postern::crypto
