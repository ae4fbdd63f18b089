// The Kubernetes-style API on a port, with everything it takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "base/asio_event_loop.h"
#include "server/api_access.h"
#include "server/log.h"
#include "server/server_credentials.h"

namespace qalam::server {

struct ApiHostOptions {
  std::string address = "127.0.0.1:8080";    // HOST:PORT, [IPV6]:PORT; port 0: any free one
  std::string data_directory;                // absolute; there is one already
  ApiAccessOptions access;                   // its address and data directory are filled in
  TlsFiles tls;                              // empty: certificates are made
  absl::Duration grace = absl::Seconds(10);  // for requests under way at the end
  std::vector<std::string> algorithms, early_stopping_algorithms;  // that an Experiment may name
};

/// Threads: the HTTP server's, one for watches, one for logs; ReopenAuditLog may be called from any.
class ApiHost {
 public:
  /// Answers when it returns. Namespaces that stored resources are in are there from then on. `loop` looks
  /// for new certificates while it runs; it, `log` and `store` outlive the host.
  ///
  /// Codes: those of ApiAccess::Load, ApiTls::Load and http::Server::Start.
  static absl::StatusOr<std::unique_ptr<ApiHost>> Start(AsioEventLoop& loop, Log& log,
                                                        api::ResourceStore& store, ApiHostOptions options);

  /// Like Drain.
  ~ApiHost();

  /// GET /readyz fails, watches and logs that are followed end, requests under way have the grace period.
  /// Blocks; not to be called by two threads. A second time does nothing.
  void Drain();

  /// Goes on in the audit log's path, which may have been moved away.
  void ReopenAuditLog();

  /// Where it listens, with the port that was free.
  const std::string& address() const;

 private:
  struct State;
  explicit ApiHost(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
