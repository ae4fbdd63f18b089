// What a data directory keeps about access to the Kubernetes-style API: the administrator's token, the
// authority and the server's certificate, and where the server was last.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"
#include "server/certificates.h"

namespace qalam::server {

/// The folder access/ of a data directory, for its owner alone. Keys and the token are files of mode 600.
///
/// Errors: PERMISSION_DENIED when others can read a secret, or a file cannot be read or written.
class ApiSecrets {
 public:
  explicit ApiSecrets(const std::string& data_directory);

  /// The folder, for its owner only.
  absl::Status MakeFolder() const;

  /// The administrator's token; made first unless there is one.
  absl::StatusOr<std::string> AdminToken() const;
  /// The same, but NOT_FOUND when there is none.
  absl::StatusOr<std::string> ExistingAdminToken() const;

  /// The authority that clients trust; made first unless there is one. Its certificate is in a file for
  /// everybody, too. FAILED_PRECONDITION: it has ended. INVALID_ARGUMENT: the file is not what it should be.
  absl::StatusOr<SignedKey> Authority(absl::Time now) const;
  /// The authority's certificate; NOT_FOUND when there is none.
  absl::StatusOr<std::string> AuthorityCertificate() const;

  /// NOT_FOUND when there is none. INVALID_ARGUMENT as above.
  absl::StatusOr<SignedKey> ServerCertificate() const;
  absl::Status KeepServerCertificate(const SignedKey& certificate) const;

  struct Endpoint {
    std::string address;  // "127.0.0.1:8080"
    bool own_certificate =
        false;  // the server's certificate was given to it: our authority has not signed it
  };
  absl::Status KeepEndpoint(const Endpoint& endpoint) const;
  /// NOT_FOUND when no server has run here.
  absl::StatusOr<Endpoint> LastEndpoint() const;

 private:
  std::string Path(const char* name) const { return folder_ + "/" + name; }
  const std::string folder_;
};

}  // namespace qalam::server
