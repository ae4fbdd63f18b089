// How clients reach a server: which addresses are open to others, and TLS.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace grpc {
class ServerCredentials;
}

namespace qalam::server {

/// Whether only this machine can reach "HOST:PORT": localhost, 127.0.0.0/8, [::1], unix:PATH. Other names are not
/// looked up: they count as open to others.
bool IsLoopback(std::string_view address);

/// Paths of PEM files.
struct TlsFiles {
  std::string certificate, key;  // the server's; both or neither
  std::string client_ca;         // who signs clients' certificates: they must then have one
};

/// The flags that gave the paths, for messages.
struct TlsFlags {
  const char *certificate = "--tls-cert", *key = "--tls-key", *client_ca = "--tls-client-ca";
};

/// INVALID_ARGUMENT: certificate or key is missing or no PEM of its kind, or the key is not the certificate's.
absl::Status CheckCertificate(const TlsFiles& files, const TlsFlags& flags = {});
/// INVALID_ARGUMENT: client_ca is given and is no PEM of certificates.
absl::Status CheckClientCa(const TlsFiles& files, const TlsFlags& flags = {});

/// What a server shows its clients, and asks of them. Threads: one at a time.
class ServerTls {
 public:
  /// Without any file: cleartext.
  /// INVALID_ARGUMENT: a file that is missing, that is no PEM of its kind, or a key that is not the certificate's.
  static absl::StatusOr<std::unique_ptr<ServerTls>> Load(const TlsFiles& files);
  ~ServerTls();

  std::shared_ptr<grpc::ServerCredentials> credentials() const;

  /// Looks whether a file has changed. If so and all are good together, they count, within a second, for connections
  /// made from then on: true. INVALID_ARGUMENT as Load, once for each change: what counted before goes on to count.
  absl::StatusOr<bool> Refresh();

 private:
  struct State;
  explicit ServerTls(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
