// TLS inside the connection, with OpenSSL as the client: versions, SNI, ALPN, reload, plain and silent peers.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <string>

#include "support.hpp"

namespace postern::http::testing {
namespace {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

/// Writes a self-signed certificate for `name` and its key.
void make_certificate(const TlsCertificate& files, const std::string& name) {
  const std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Release<X509_free>> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str()));
  X509_add_ext(certificate.get(), names.get(), -1);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<FILE, Release<fclose>> out(fopen(files.certificate_file.c_str(), "w"));
  PEM_write_X509(out.get(), certificate.get());
  const std::unique_ptr<FILE, Release<fclose>> key_out(fopen(files.key_file.c_str(), "w"));
  PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

struct Folder {
  Folder() {
    char name[] = "/tmp/postern-tls-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  TlsCertificate files(const std::string& name) const {
    return {path + "/" + name + ".pem", path + "/" + name + ".key"};
  }
  std::string path;
};

/// A blocking TLS client over a Client's socket.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& name, int version = 0, const std::string& alpn = "")
      : client_(port) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (version != 0) {
      SSL_CTX_set_min_proto_version(context_.get(), version);
      SSL_CTX_set_max_proto_version(context_.get(), version);
    }
    if (version != 0 && version < TLS1_2_VERSION) SSL_CTX_set_security_level(context_.get(), 0);
    session_.reset(SSL_new(context_.get()));
    if (!alpn.empty())
      SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
    SSL_set_tlsext_host_name(session_.get(), name.c_str());
    SSL_set_fd(session_.get(), client_.descriptor());
    ERR_clear_error();
    connected = SSL_connect(session_.get()) == 1;
  }

  /// Sends a GET and reads until the body has `body` bytes or the server closes.
  std::string get(const std::string& target, std::size_t body = 1) {
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
    SSL_write(session_.get(), request.data(), static_cast<int>(request.size()));
    std::string answer;
    for (;;) {
      const std::size_t end = answer.find("\r\n\r\n");
      if (end != std::string::npos && answer.size() >= end + 4 + body) return answer.substr(end + 4);
      char buffer[32768];
      const int count = SSL_read(session_.get(), buffer, sizeof buffer);
      if (count <= 0) return answer;
      answer.append(buffer, static_cast<std::size_t>(count));
    }
  }

  std::string certificate_name() const {
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(session_.get())),
                              NID_commonName, name, sizeof name);
    return name;
  }
  std::string version() const { return SSL_get_version(session_.get()); }
  std::string alpn() const {
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(session_.get(), &chosen, &length);
    return std::string(reinterpret_cast<const char*>(chosen), length);
  }

  bool connected = false;

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Release<SSL_free>> session_;
};

ServerOptions tls_options(const Folder& folder) {
  make_certificate(folder.files("first"), "first.example");
  make_certificate(folder.files("second"), "*.second.example");
  ServerOptions options;
  options.reactor_threads = 1;
  options.listen.push_back({"127.0.0.1", 0, true});
  options.certificates = {folder.files("first"), folder.files("second")};
  return options;
}

TEST(Tls, SpeaksVersions12And13Only) {
  const Folder folder;
  ServerFixture fixture(tls_options(folder));
  for (const auto& [version, name] :
       {std::pair(TLS1_2_VERSION, "TLSv1.2"), std::pair(TLS1_3_VERSION, "TLSv1.3")}) {
    TlsClient client(fixture.port(), "first.example", version);
    ASSERT_TRUE(client.connected) << name;
    EXPECT_EQ(client.version(), name);
    EXPECT_TRUE(client.get("/x", 33).starts_with("GET /x? a:443 secure 127.0.0.1"));
    EXPECT_TRUE(client.get("/y", 33).starts_with("GET /y? a:443 secure 127.0.0.1"));
  }
  EXPECT_FALSE(TlsClient(fixture.port(), "first.example", TLS1_1_VERSION).connected);
}

TEST(Tls, ChoosesTheCertificateByName) {
  const Folder folder;
  ServerFixture fixture(tls_options(folder));
  EXPECT_EQ(TlsClient(fixture.port(), "first.example").certificate_name(), "first.example");
  EXPECT_EQ(TlsClient(fixture.port(), "www.second.example").certificate_name(), "*.second.example");
  EXPECT_EQ(TlsClient(fixture.port(), "unknown.example").certificate_name(), "first.example");
}

TEST(Tls, NegotiatesHttp11) {
  const Folder folder;
  ServerFixture fixture(tls_options(folder));
  EXPECT_EQ(TlsClient(fixture.port(), "first.example", 0, "\x02h2\x08http/1.1").alpn(), "http/1.1");
  TlsClient other(fixture.port(), "first.example", 0, "\x02h2");
  EXPECT_TRUE(other.connected);
  EXPECT_EQ(other.alpn(), "");
}

TEST(Tls, CarriesLongAnswersOfEveryKind) {
  const Folder folder;
  ServerFixture fixture(tls_options(folder));
  const std::string body(5'000'000, 'x');
  Script bytes;
  bytes.answer = [&](std::string) { return text(body); };
  fixture.application.route("/bytes", bytes);
  Script file;
  file.answer = [&](std::string) {
    Response response;
    FILE* scratch = std::tmpfile();
    std::fwrite(body.data(), 1, body.size(), scratch);
    std::fflush(scratch);
    response.file.emplace(::dup(fileno(scratch)), 0, body.size());
    std::fclose(scratch);
    return response;
  };
  fixture.application.route("/file", file);
  TlsClient client(fixture.port(), "first.example");
  EXPECT_TRUE(client.get("/bytes", body.size()) == body);
  EXPECT_TRUE(client.get("/file", body.size()) == body);
}

TEST(Tls, AnswersPlainHttpAndClosesOnNonsense) {
  const Folder folder;
  ServerFixture fixture(tls_options(folder));
  Client plain(fixture.port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto reply = plain.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 400);
  EXPECT_EQ(reply->body, "This port speaks https, the request http.");
  EXPECT_TRUE(plain.closed());
  Client nonsense(fixture.port());
  nonsense.send(std::string(2000, '\xff'));
  nonsense.rest();
  EXPECT_TRUE(eventually([&] { return fixture.server->statistics().connections_open == 0; }));
}

TEST(Tls, DoesNotWaitForSilentHandshakes) {
  const Folder folder;
  auto options = tls_options(folder);
  options.head_timeout = std::chrono::milliseconds(500);
  ServerFixture fixture(std::move(options));
  std::deque<Client> silent;
  for (int i = 0; i < 200; ++i) silent.emplace_back(fixture.port()).send(i % 2 == 0 ? "" : "\x16\x03\x01");
  TlsClient client(fixture.port(), "first.example");
  ASSERT_TRUE(client.connected);
  EXPECT_NE(client.get("/x"), "");
  EXPECT_TRUE(silent.front().closed());
  EXPECT_TRUE(eventually([&] { return fixture.server->statistics().connections_open <= 1; }));
}

TEST(Tls, ReadsCertificatesAgainAndKeepsTheOldOnesWhenTheyAreBad) {
  const Folder folder;
  ServerFixture fixture(tls_options(folder));
  TlsClient before(fixture.port(), "first.example");
  make_certificate(folder.files("first"), "renewed.example");
  ASSERT_TRUE(fixture.server->reload_certificates());
  EXPECT_EQ(TlsClient(fixture.port(), "x").certificate_name(), "renewed.example");
  EXPECT_NE(before.get("/x"), "");  // goes on with the certificate it began with
  std::filesystem::remove(folder.files("first").key_file);
  const auto failed = fixture.server->reload_certificates();
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().message.starts_with("Key file \"" + folder.files("first").key_file +
                                                 "\" cannot be used: "))
      << failed.error().message;
  EXPECT_EQ(TlsClient(fixture.port(), "x").certificate_name(), "renewed.example");
}

TEST(Tls, StartsOnlyWithACertificateThatWorks) {
  ScriptedApplication application;
  ServerOptions options;
  options.listen.push_back({"127.0.0.1", 0, true});
  EXPECT_EQ(Server::start(options, application).error().message,
            "An address with TLS needs a certificate and a key, and none is set.");
  options.certificates.push_back({"/nonexistent.pem", "/nonexistent.key"});
  EXPECT_TRUE(Server::start(options, application)
                  .error()
                  .message.starts_with("Certificate file \"/nonexistent.pem\""));
}

}  // namespace
}  // namespace postern::http::testing
