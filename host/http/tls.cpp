#include "host/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace postern::http {
namespace {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL_free>>;

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

/// RFC 7301: we speak http/1.1. A client that offers only others goes on without ALPN and learns by the first
/// answer.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* offered,
                    unsigned size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, length, kOurs, sizeof kOurs - 1, offered, size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int choose_certificate(SSL* ssl, int*, void* set);

void set_policy(SSL_CTX* context, void* set) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_ENABLE_KTLS);
  // TLS 1.2 with forward secrecy and AEAD only (RFC 9325 section 4.2); TLS 1.3 has nothing else.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  static constexpr unsigned char kSessions[] = "postern";
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_tlsext_servername_callback(context, choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context, set);
}

Error tls_error(const std::string& what, const std::string& file) {
  return {Code::invalid, what + " \"" + file + "\" cannot be used: " + openssl_reason() + ".", {}};
}

}  // namespace

class CertificateSet {
 public:
  static Result<std::shared_ptr<CertificateSet>> read(const std::vector<TlsCertificate>& files) {
    if (files.empty())
      return Error{Code::invalid, "An address with TLS needs a certificate and a key, and none is set.", {}};
    auto set = std::make_shared<CertificateSet>();
    for (const auto& file : files) {
      ERR_clear_error();
      Context context(SSL_CTX_new(TLS_server_method()));
      if (!context)
        return Error{Code::internal, "OpenSSL gives no TLS context: " + openssl_reason() + ".", {}};
      set_policy(context.get(), set.get());
      if (SSL_CTX_use_certificate_chain_file(context.get(), file.certificate_file.c_str()) != 1)
        return tls_error("Certificate file", file.certificate_file);
      if (SSL_CTX_use_PrivateKey_file(context.get(), file.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return tls_error("Key file", file.key_file);
      if (SSL_CTX_check_private_key(context.get()) != 1) return tls_error("Key file", file.key_file);
      set->contexts_.push_back(std::move(context));
    }
    return set;
  }

  SSL_CTX* standard() const { return contexts_.front().get(); }

  /// The first whose names hold `name`, by the rules of RFC 6125; the first of all when none does.
  SSL_CTX* matching(const char* name) const {
    for (const auto& context : contexts_)
      if (X509_check_host(SSL_CTX_get0_certificate(context.get()), name, std::strlen(name), 0, nullptr) == 1)
        return context.get();
    return standard();
  }

 private:
  std::vector<Context> contexts_;
};

namespace {

int choose_certificate(SSL* ssl, int*, void* set) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, static_cast<const CertificateSet*>(set)->matching(name));
  return SSL_TLSEXT_ERR_OK;
}

class TlsChannel final : public Channel {
 public:
  TlsChannel(std::shared_ptr<const CertificateSet> set, Session session, int descriptor)
      : set_(std::move(set)), session_(std::move(session)), descriptor_(descriptor) {}

  Io handshake() override {
    ERR_clear_error();
    const int result = SSL_accept(session_.get());
    if (result == 1) {
      shaken_ = true;
      return Io::done;
    }
    const int error = SSL_get_error(session_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Io::again;
    const int reason = ERR_GET_REASON(ERR_peek_error());
    plain_ = reason == SSL_R_HTTP_REQUEST;
    ERR_clear_error();
    return Io::dead;
  }

  Io read(std::span<char> room, std::size_t& count, bool& drained) override {
    ERR_clear_error();
    const int result = SSL_read_ex(session_.get(), room.data(), room.size(), &count);
    drained = result != 1;  // a record may be left inside OpenSSL, so only "would wait" counts
    return result == 1 ? Io::done : failed(result);
  }

  Io write(std::string_view first, std::string_view second, bool, std::size_t& count) override {
    ERR_clear_error();
    const std::string_view part = first.empty() ? second : first;
    const int result = SSL_write_ex(session_.get(), part.data(), part.size(), &count);
    return result == 1 ? Io::done : failed(result);
  }

  bool sends_files() const override { return BIO_get_ktls_send(SSL_get_wbio(session_.get())) != 0; }

  Io send_file(int file, off_t offset, std::size_t length, std::size_t& count) override {
    ERR_clear_error();
    const auto sent = SSL_sendfile(session_.get(), file, offset, length, 0);
    if (sent < 0) return failed(static_cast<int>(sent));
    count = static_cast<std::size_t>(sent);
    return sent == 0 ? Io::end : Io::done;
  }

  void close_writing() override {
    ERR_clear_error();
    if (shaken_ && !broken_) SSL_shutdown(session_.get());  // close_notify, as far as the socket takes it
    ::shutdown(descriptor_, SHUT_WR);
  }

  bool peer_speaks_plain() const override { return plain_; }

 private:
  Io failed(int result) {
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return Io::again;
      case SSL_ERROR_ZERO_RETURN:
        return Io::end;
      default:
        break;
    }
    broken_ = true;
    ERR_clear_error();
    return Io::dead;
  }

  std::shared_ptr<const CertificateSet> set_;  // the contexts' callbacks point into it
  Session session_;
  int descriptor_;
  bool plain_ = false;
  bool shaken_ = false;
  bool broken_ = false;
};

}  // namespace

TlsContexts::TlsContexts(std::vector<TlsCertificate> files, std::shared_ptr<CertificateSet> set)
    : files_(std::move(files)), set_(std::move(set)) {}

TlsContexts::~TlsContexts() = default;

Result<std::unique_ptr<TlsContexts>> TlsContexts::load(std::vector<TlsCertificate> certificates) {
  POSTERN_TRY(auto set, CertificateSet::read(certificates));
  return std::unique_ptr<TlsContexts>(new TlsContexts(std::move(certificates), std::move(set)));
}

Result<void> TlsContexts::reload() {
  POSTERN_TRY(auto set, CertificateSet::read(files_));
  const std::lock_guard lock(mutex_);
  set_ = std::move(set);
  return {};
}

std::unique_ptr<Channel> TlsContexts::channel(int descriptor) const {
  std::shared_ptr<CertificateSet> set;
  {
    const std::lock_guard lock(mutex_);
    set = set_;
  }
  Session session(SSL_new(set->standard()));
  if (!session || SSL_set_fd(session.get(), descriptor) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_accept_state(session.get());
  return std::make_unique<TlsChannel>(std::move(set), std::move(session), descriptor);
}

}  // namespace postern::http
