// The certificate that the Kubernetes-style API shows, and the authority that its clients trust.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"
#include "http/server.h"
#include "server/server_credentials.h"

namespace qalam::server {

struct ApiTlsOptions {
  std::string address = "127.0.0.1:8080";  // HOST:PORT that is listened on
  std::string data_directory;              // absolute; there is one already
  TlsFiles files;  // certificate and key of one's own, or neither; client_ca: who signs clients', or empty
  std::vector<std::string> hosts;  // names and addresses beyond our own for the certificate
};

/// Unless there are files for it, makes an authority once, which the data directory keeps, and certificates
/// signed by it for localhost, this machine's name and the addresses that `address` stands for: a new one
/// before the last one ends, and when there are new addresses. Clients go on to trust the same authority.
///
/// Threads: one at a time.
class ApiTls {
 public:
  /// INVALID_ARGUMENT: a file that is no PEM of its kind, a key that is not the certificate's, a host that is
  /// no name. PERMISSION_DENIED: a key in the data directory that others can read, or that cannot be written.
  /// FAILED_PRECONDITION: the authority in the data directory has ended.
  static absl::StatusOr<std::unique_ptr<ApiTls>> Load(ApiTlsOptions options, absl::Time now);
  ~ApiTls();

  const http::TlsOptions& current() const;

  /// To be called every second or so. Whether current() has changed: the server's SetTls is due. Errors as of
  /// Load, once for each change, and once an hour for a certificate that is due; what counted before goes on
  /// to count.
  absl::StatusOr<bool> Refresh(absl::Time now);

  /// Keeps in the data directory where clients find this server, for `qalam kubeconfig`. PERMISSION_DENIED:
  /// it cannot be written.
  absl::Status NoteAddress(const std::string& address) const;

 private:
  struct State;
  explicit ApiTls(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
