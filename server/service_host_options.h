// What is served, where and to whom.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"
#include "server/kubernetes_trial_status.h"
#include "server/server_credentials.h"

namespace qalam::server {

enum class ServiceKind { kSuggestion, kEarlyStopping, kDb };

/// "suggestion", "early-stopping", "db".
const char* NameOf(ServiceKind kind);

/// "api.v1.beta1.Suggestion", ...
const char* FullNameOf(ServiceKind kind);

/// INVALID_ARGUMENT, with the names there are, for one that is none of them.
absl::StatusOr<std::set<ServiceKind>> ParseServices(const std::vector<std::string>& names);

struct ServiceHostOptions {
  std::string address = "127.0.0.1:6789";  // HOST:PORT, [IPV6]:PORT or unix:PATH; port 0: any free one
  std::set<ServiceKind> services = {ServiceKind::kSuggestion, ServiceKind::kEarlyStopping, ServiceKind::kDb};
  std::set<std::string> algorithms;  // which suggestion offers; empty: all there are
  std::string checkpoints;           // directory of the folders of pbt's trials; empty: nobody needs them
  std::string data_directory;        // absolute; created when missing; not looked at without kDb
  absl::Duration retain_observations = absl::InfiniteDuration();  // after a trial's last report
  std::int64_t max_points_per_trial = 0;                          // 0: no limit
  size_t workers = 0;        // threads for suggestions that fit a model, and for others; 0: as many as cores
  size_t max_queue = 1'000;  // calls that may wait for a worker
  size_t max_message = 64 << 20;                 // bytes of a request; 1 to 2^31 - 1
  absl::Duration grace = absl::Seconds(10);      // for the calls under way at the end
  absl::Duration keepalive = absl::Seconds(60);  // between pings on a silent connection; 1 s to a day
  TlsFiles tls;
  std::string token_file;       // of bearer tokens; empty: none is asked for
  bool insecure = false;        // listen where others can reach it although anybody may call
  std::string metrics_address;  // HOST:PORT of GET /metrics; empty: none
  std::string service_account =
      kDefaultServiceAccount;  // of the pod, to mark its cluster's trials as stopped
};

/// INVALID_ARGUMENT: an option that cannot be, by the name of its flag and with what would be right; an address that
/// others can reach where anybody may call. Files are not looked at.
absl::Status Check(const ServiceHostOptions& options);

}  // namespace qalam::server
