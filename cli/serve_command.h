// qalam serve
#pragma once

#include <string>
#include <vector>

#include "cli/streams.h"
#include "server/kubernetes_trial_status.h"
#include "server/server_credentials.h"

namespace qalam::cli {

/// As typed; durations as in "10s".
struct ServeOptions {
  std::string data_directory;  // absolute
  std::string address = "127.0.0.1:6789";
  std::vector<std::string> services = {"suggestion", "early-stopping", "db"};
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
  std::string metrics_address;
  std::string service_account = server::kDefaultServiceAccount;
  std::string log_format = "text", log_level = "info";
};

/// Serves until SIGTERM or SIGINT, and then finishes the calls under way; a second signal ends the process at once.
/// Standard output gets one line as soon as clients are answered: "serving SERVICES on ADDRESS"; the log goes to
/// standard error. Exit codes as in exit_code.h; 0 after one signal.
int RunServe(const ServeOptions& options, Streams& streams);

}  // namespace qalam::cli
