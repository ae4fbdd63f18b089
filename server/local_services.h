// Suggestion, EarlyStopping and DBManager in this process, spoken to over an in-process gRPC channel.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"

namespace grpc {
class Channel;
}
namespace qalam::db {
class ObservationLog;
}

namespace qalam::server {

/// A gRPC server without a port. Threads: gRPC's own; the functions here may be called from any.
class LocalServices {
 public:
  /// `log` may be null: then there is no DBManager. `set_trial_status` answers EarlyStopping.SetTrialStatus.
  /// INTERNAL: gRPC could not be started.
  static absl::StatusOr<std::unique_ptr<LocalServices>> Start(
      db::ObservationLog* log, std::function<absl::Status(const std::string& trial_name)> set_trial_status);

  /// Ends the calls under way.
  ~LocalServices();

  std::shared_ptr<grpc::Channel> channel() const;

 private:
  struct State;
  explicit LocalServices(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Names of the algorithms that this process can serve.
std::vector<std::string> LocalAlgorithms();
std::vector<std::string> LocalEarlyStoppingAlgorithms();

}  // namespace qalam::server
