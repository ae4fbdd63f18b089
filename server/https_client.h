// One HTTPS request and its reply.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::server {

struct HttpsRequest {
  std::string host;  // a name or an IP address; must be in the server's certificate
  std::string port;
  std::string ca_file;  // PEM: who may have signed that certificate
  std::string method;   // GET, PATCH, ...
  std::string target;   // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  absl::Time deadline = absl::InfiniteFuture();
};

struct HttpsReply {
  int status = 0;  // 200, 404, ...
  std::string body;
};

/// Opens a connection, asks, and closes it; blocks until then. Any status is a reply; redirects are not followed.
/// UNAVAILABLE:         nobody answers, or the certificate is not to be trusted. The message names host and port.
/// DEADLINE_EXCEEDED:   the deadline passed (resolving a host name is not interrupted by it).
/// FAILED_PRECONDITION: ca_file cannot be read.
/// RESOURCE_EXHAUSTED:  a reply of more than 8 MiB.
/// Threads: any.
absl::StatusOr<HttpsReply> Fetch(const HttpsRequest& request);

}  // namespace qalam::server
