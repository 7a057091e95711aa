// Keys, sealed boxes and the frames of encrypted files.
#include <openssl/crypto.h>

#include <algorithm>
#include <limits>

#include "host/crypto/crypto.hpp"
#include "host/crypto/evp.hpp"

namespace postern::crypto {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
using Nonce = std::array<unsigned char, kNonce>;

int length_of(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw std::length_error("crypto: one piece is larger than 2 GiB");
  return static_cast<int>(size);
}

evp::CipherContext cipher_context() {
  evp::CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

/// Encrypts into `out` (as long as `plain`) and `tag` (16) under the key and nonce `context` was given.
void encrypt(EVP_CIPHER_CTX* context, Bytes associated, Bytes plain, std::byte* out, std::byte* tag) {
  int done = 0;
  if (!associated.empty())
    evp::must(
        EVP_EncryptUpdate(context, nullptr, &done, evp::in(associated.data()), length_of(associated.size())),
        "EVP_EncryptUpdate");
  if (!plain.empty())
    evp::must(
        EVP_EncryptUpdate(context, evp::out(out), &done, evp::in(plain.data()), length_of(plain.size())),
        "EVP_EncryptUpdate");
  unsigned char nothing[1];
  evp::must(EVP_EncryptFinal_ex(context, nothing, &done), "EVP_EncryptFinal_ex");
  evp::must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTag, tag), "EVP_CTRL_AEAD_GET_TAG");
}

/// False when `tag` does not fit; `out` is then wiped.
bool decrypt(EVP_CIPHER_CTX* context, Bytes associated, Bytes cipher, const std::byte* tag, std::byte* out) {
  int done = 0;
  std::array<std::byte, kTag> expected;
  std::copy_n(tag, kTag, expected.data());
  evp::must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTag, expected.data()),
            "EVP_CTRL_AEAD_SET_TAG");
  if (!associated.empty())
    evp::must(
        EVP_DecryptUpdate(context, nullptr, &done, evp::in(associated.data()), length_of(associated.size())),
        "EVP_DecryptUpdate");
  if (!cipher.empty())
    evp::must(
        EVP_DecryptUpdate(context, evp::out(out), &done, evp::in(cipher.data()), length_of(cipher.size())),
        "EVP_DecryptUpdate");
  unsigned char nothing[1];
  if (EVP_DecryptFinal_ex(context, nothing, &done) == 1) return true;
  ERR_clear_error();
  OPENSSL_cleanse(out, cipher.size());
  return false;
}

Nonce frame_nonce(std::uint64_t frame, bool last) {
  Nonce nonce{};
  nonce[0] = last ? 1 : 0;
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<unsigned char>(frame >> (56 - 8 * i));
  return nonce;
}

}  // namespace

Key Key::random() {
  Key key;
  crypto::random(key.bytes_);
  return key;
}

Result<Key> Key::from_bytes(Bytes bytes) {
  Key key;
  if (bytes.size() != key.bytes_.size())
    return {Code::invalid, "A key has 32 bytes; found " + std::to_string(bytes.size()) + "."};
  std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
  return key;
}

Key::~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

void wipe(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

std::string seal(const Key& key, std::string_view context, Bytes plain) {
  std::string sealed(kNonce + plain.size() + kTag, '\0');
  auto* data = reinterpret_cast<std::byte*>(sealed.data());
  random({data, kNonce});
  const auto cipher = cipher_context();
  evp::must(EVP_EncryptInit_ex2(cipher.get(), evp::aes_256_gcm(), evp::in(key.bytes().data()), evp::in(data),
                                nullptr),
            "EVP_EncryptInit_ex2");
  encrypt(cipher.get(), bytes(context), plain, data + kNonce, data + kNonce + plain.size());
  return sealed;
}

Result<std::string> open(const Key& key, std::string_view context, Bytes sealed) {
  if (sealed.size() < kNonce + kTag)
    return {Code::invalid,
            "A sealed box has at least 28 bytes; found " + std::to_string(sealed.size()) + "."};
  const Bytes content = sealed.subspan(kNonce, sealed.size() - kNonce - kTag);
  std::string plain(content.size(), '\0');
  const auto cipher = cipher_context();
  evp::must(EVP_DecryptInit_ex2(cipher.get(), evp::aes_256_gcm(), evp::in(key.bytes().data()),
                                evp::in(sealed.data()), nullptr),
            "EVP_DecryptInit_ex2");
  if (!decrypt(cipher.get(), bytes(context), content, sealed.data() + sealed.size() - kTag,
               reinterpret_cast<std::byte*>(plain.data())))
    return {Code::invalid,
            "The sealed box does not authenticate: it was changed, or it was sealed with another key."};
  return plain;
}

// One context a direction, keyed when first used: the key schedule is computed once, each frame only sets its
// nonce.
struct FrameCipher::State {
  explicit State(const Key& of) : key(of) {}
  EVP_CIPHER_CTX* sealing(const Nonce& nonce) {
    const bool first = !sealer;
    if (first) sealer = cipher_context();
    evp::must(EVP_EncryptInit_ex2(sealer.get(), first ? evp::aes_256_gcm() : nullptr,
                                  first ? evp::in(key.bytes().data()) : nullptr, nonce.data(), nullptr),
              "EVP_EncryptInit_ex2");
    return sealer.get();
  }
  EVP_CIPHER_CTX* opening(const Nonce& nonce) {
    const bool first = !opener;
    if (first) opener = cipher_context();
    evp::must(EVP_DecryptInit_ex2(opener.get(), first ? evp::aes_256_gcm() : nullptr,
                                  first ? evp::in(key.bytes().data()) : nullptr, nonce.data(), nullptr),
              "EVP_DecryptInit_ex2");
    return opener.get();
  }

  Key key;
  evp::CipherContext sealer;
  evp::CipherContext opener;
};

FrameCipher::FrameCipher(const Key& key) : state_(std::make_unique<State>(key)) {}
FrameCipher::FrameCipher(FrameCipher&&) noexcept = default;
FrameCipher& FrameCipher::operator=(FrameCipher&&) noexcept = default;
FrameCipher::~FrameCipher() = default;

void FrameCipher::seal(std::uint64_t frame, bool last, Bytes plain, std::span<std::byte> out) {
  if (out.size() != plain.size() + kTag)
    throw std::invalid_argument("FrameCipher::seal: out must be 16 bytes longer");
  encrypt(state_->sealing(frame_nonce(frame, last)), {}, plain, out.data(), out.data() + plain.size());
}

bool FrameCipher::open(std::uint64_t frame, bool last, Bytes sealed, std::span<std::byte> out) {
  if (sealed.size() < kTag) throw std::invalid_argument("FrameCipher::open: a frame has at least 16 bytes");
  return open(frame, last, sealed.first(sealed.size() - kTag), sealed.last(kTag), out);
}

bool FrameCipher::open(std::uint64_t frame, bool last, Bytes content, Bytes tag, std::span<std::byte> out) {
  if (tag.size() != kTag || out.size() != content.size())
    throw std::invalid_argument("FrameCipher::open: out must be 16 bytes shorter");
  return decrypt(state_->opening(frame_nonce(frame, last)), {}, content, tag.data(), out.data());
}

}  // namespace postern::crypto
