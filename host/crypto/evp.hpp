// What the .cpp files of this room share about OpenSSL; nobody else includes it.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace postern::crypto::evp {

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free>;

/// Throws what OpenSSL's queue says when `ok` is not 1: a call that cannot fail on a sound machine did.
inline void must(int ok, const char* call) {
  if (ok == 1) return;
  char text[160] = "no reason given";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  throw std::runtime_error(std::string("OpenSSL: ") + call + " failed: " + text);
}

// Fetched once and kept for the life of the process: a fetch by name costs more than hashing a token, and
// freeing at exit would race with threads that still hash.
inline const EVP_MD* sha256() {
  static EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (digest == nullptr) must(0, "EVP_MD_fetch SHA256");
  return digest;
}

inline const EVP_CIPHER* aes_256_gcm() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  if (cipher == nullptr) must(0, "EVP_CIPHER_fetch AES-256-GCM");
  return cipher;
}

inline const unsigned char* in(const std::byte* data) { return reinterpret_cast<const unsigned char*>(data); }
inline unsigned char* out(std::byte* data) { return reinterpret_cast<unsigned char*>(data); }

}  // namespace postern::crypto::evp
