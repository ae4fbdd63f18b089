// Pod logs, from the files of trials.
#pragma once

#include <memory>
#include <string>

#include "api/resource_store.h"
#include "apiserver/pod_logs.h"

namespace qalam::server {

/// The primary container and the collector that runs inside qalam have the program's output, other containers
/// their own. Without `previous` it is that of the last attempt, with it that of the one before.
///
/// When a line was written is known as well as LogTimes knows it; `since` and timestamps go by that.
///
/// One thread serves all that follow; it looks five times a second for what is new.
class TrialLogs final : public apiserver::PodLogs {
 public:
  /// `store` outlives it. Errors: those of LogTimes::Start.
  static absl::StatusOr<std::unique_ptr<TrialLogs>> Start(api::ResourceStore& store,
                                                          const std::string& data_directory);
  ~TrialLogs() override;

  /// LogTimes::Sample.
  void Sample(absl::Time now);

  void Send(const api::Trial& trial, const apiserver::LogOptions& options,
            std::shared_ptr<http::Exchange> exchange) override;

 private:
  struct State;
  explicit TrialLogs(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
