// What connections with TLS share: certificate, key, and whose client certificates are believed.
#pragma once

#include <memory>

#include "base/status.h"
#include "http/server.h"

struct ssl_st;
struct ssl_ctx_st;

namespace qalam::http {

struct FreeSsl {
  void operator()(ssl_st* session) const;
  void operator()(ssl_ctx_st* context) const;
};
using SslSession = std::unique_ptr<ssl_st, FreeSsl>;

/// TLS 1.2 and newer, ALPN http/1.1. Threads: sessions may be made by several.
class TlsContext {
 public:
  /// INVALID_ARGUMENT: a text that is no PEM of its kind, a key that is not the certificate's, or one OpenSSL
  /// holds for too weak.
  static absl::StatusOr<std::shared_ptr<TlsContext>> Make(const TlsOptions& options);

  /// The server's side of a connection over the non-blocking socket `fd`, which stays the caller's. Null: no
  /// memory.
  SslSession NewSession(int fd) const;

 private:
  explicit TlsContext(std::unique_ptr<ssl_ctx_st, FreeSsl> context) : context_(std::move(context)) {}
  std::unique_ptr<ssl_ctx_st, FreeSsl> context_;
};

/// Fills certificate_name and certificate_groups of `peer` from the client's certificate if there is one and
/// it is to be believed.
void ReadClientCertificate(ssl_st* session, Peer& peer);

}  // namespace qalam::http
