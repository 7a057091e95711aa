// TLS 1.2 and 1.3 by OpenSSL over a non-blocking socket: certificates chosen by SNI, read again without a
// restart.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "host/http/channel.hpp"
#include "host/http/server.hpp"
#include "postern/result.hpp"

namespace postern::http {

/// One reading of all certificates; connections keep the set they began with. Hidden: OpenSSL stays in
/// tls.cpp.
class CertificateSet;

class TlsContexts {
 public:
  /// Reads every certificate and key. One sentence with the file's name on failure. [main thread]
  static Result<std::unique_ptr<TlsContexts>> load(std::vector<TlsCertificate> certificates);
  ~TlsContexts();

  /// Reads the files again; on failure the old set stays. [any thread]
  Result<void> reload();
  /// A server-side channel over that socket with the current set. Null when memory is short. [any thread]
  std::unique_ptr<Channel> channel(int descriptor) const;

 private:
  TlsContexts(std::vector<TlsCertificate> files, std::shared_ptr<CertificateSet> set);

  const std::vector<TlsCertificate> files_;
  mutable std::mutex mutex_;
  std::shared_ptr<CertificateSet> set_;
};

}  // namespace postern::http
