// qalam serve
#pragma once

#include <string>
#include <vector>

#include "cli/streams.h"
#include "server/api_access.h"
#include "server/kubernetes_trial_status.h"
#include "server/runtime.h"
#include "server/server_credentials.h"

namespace qalam::cli {

/// As typed; durations as in "10s".
struct ServeOptions {
  server::RuntimeOptions runtime;  // where and with what trials run; grace and storage are filled in
  std::string address = "127.0.0.1:6789";
  std::string http = "127.0.0.1:8080";  // "none": no API
  std::vector<std::string> services = {"suggestion", "early-stopping", "db", "api"};
  std::vector<std::string> algorithms;
  std::string checkpoints;          // empty: none
  std::string retain_observations;  // empty: for ever
  std::int64_t max_points_per_trial = 0;
  size_t workers = 0;
  size_t max_queue = 1'000;
  size_t max_message = 64 << 20;
  std::string grace = "10s", keepalive = "60s";
  server::TlsFiles tls;
  std::string token_file;
  bool insecure = false;
  // Of the Kubernetes-style API; its address and data directory are filled in.
  server::ApiAccessOptions access;
  server::TlsFiles http_tls;
  std::string metrics_address;
  std::string service_account = server::kDefaultServiceAccount;
  std::string log_format = "text", log_level = "info";
};

/// Serves until SIGTERM or SIGINT. Then calls under way are finished and, with the API, running trials ended
/// within the grace period; they run again with the next start. A second signal ends the process at once, and
/// trials with it.
///
/// Standard output gets "serving SERVICES on ADDRESS" for gRPC's services, and then for the API, as soon as
/// clients are answered; the log goes to standard error. Exit codes as in exit_code.h; 0 after one signal.
///
/// To be called while the process has one thread.
int RunServe(const ServeOptions& options, Streams& streams);

}  // namespace qalam::cli
