// EarlyStopping.SetTrialStatus, wherever the trials are.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "api/resource_store.h"
#include "server/kubernetes_trial_status.h"
#include "suggestion/services.h"

namespace qalam::server {

/// Marks the trial of that name, in any namespace, as early stopped. NOT_FOUND when there is none; else the
/// store's codes.
absl::Status MarkEarlyStopped(api::ResourceStore& store, const std::string& trial_name);

/// Uids and names of the trials that have not finished, by either of which their observations may be kept.
absl::StatusOr<std::set<std::string>> RunningTrials(api::ResourceStore& store);

/// Marks trials of the store, or else those of the cluster that this process is in. NOT_FOUND for a trial that neither
/// has; `store` may be null and outlives the result.
suggestion::StopTrial NewStopTrial(api::ResourceStore* store, const std::optional<KubernetesAccess>& access);

}  // namespace qalam::server
