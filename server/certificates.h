// Certificates made by ourselves: an authority, and what it signs for servers.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "base/status.h"
#include "server/host_names.h"

namespace qalam::server {

/// PEM texts.
struct SignedKey {
  std::string key, certificate;
  std::string both() const { return key + certificate; }
};

struct CertificateFacts {
  absl::Time not_before, not_after;
  HostNames hosts;  // names and addresses it is for (subjectAltName)
};

/// An authority of ten years that may sign servers' certificates and nothing else. ECDSA on P-256, as all
/// here. INTERNAL: OpenSSL has failed, by its own words.
absl::StatusOr<SignedKey> MakeAuthority(absl::Time now);

/// A certificate for those names and addresses, of a year at most and never longer than its authority.
/// INVALID_ARGUMENT: the authority's texts cannot be read. INTERNAL as above.
absl::StatusOr<SignedKey> MakeServerCertificate(const SignedKey& authority, const HostNames& hosts,
                                                absl::Time now);

/// Key and certificate of one text, as both() makes it. INVALID_ARGUMENT: it has not both, or they do not
/// belong together.
absl::StatusOr<SignedKey> ReadSignedKey(const std::string& text);

/// Of the first certificate. INVALID_ARGUMENT: there is none.
absl::StatusOr<CertificateFacts> ReadCertificateFacts(const std::string& certificate);

/// Whether the authority's key has signed the certificate. False for texts that cannot be read.
bool IsSignedBy(const std::string& certificate, const std::string& authority);

}  // namespace qalam::server
