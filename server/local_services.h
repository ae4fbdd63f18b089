// Suggestion, EarlyStopping and DBManager in this process, spoken to over an in-process gRPC channel.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/in_process_server.h"

namespace qalam::db {
class ObservationLog;
}

namespace qalam::server {

/// `log` may be null: then there is no DBManager. `set_trial_status` answers EarlyStopping.SetTrialStatus.
/// INTERNAL: gRPC could not be started.
absl::StatusOr<std::unique_ptr<InProcessServer>> StartLocalServices(
    db::ObservationLog* log, std::function<absl::Status(const std::string& trial_name)> set_trial_status);

/// Names of the algorithms that this process can serve.
std::vector<std::string> LocalAlgorithms();
std::vector<std::string> LocalEarlyStoppingAlgorithms();

}  // namespace qalam::server
