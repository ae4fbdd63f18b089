#include "server/trial_status.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "api/trial.h"
#include "api/trial_facts.h"
#include "controller/vocabulary.h"

namespace qalam::server {

absl::Status MarkEarlyStopped(api::ResourceStore& store, const std::string& trial_name) {
  QALAM_ASSIGN_OR_RETURN(const api::ResourceList trials, store.List(api::Kind::kTrial, ""));
  for (const api::ResourcePtr& item : trials.items) {
    if (item->metadata.name != trial_name) continue;
    api::Trial trial = static_cast<const api::Trial&>(*item);
    trial.metadata.resource_version.clear();  // whatever happens beside it, the trial is stopped
    SetCondition(trial.status.conditions, controller::kEarlyStopped, true,
                 controller::kReasonTrialEarlyStopped, controller::kEarlyStoppedMessage, absl::Now());
    return store.UpdateStatus(trial).status();
  }
  return absl::NotFoundError(fmt::format("trial {} does not exist", trial_name));
}

absl::StatusOr<std::set<std::string>> RunningTrials(api::ResourceStore& store) {
  QALAM_ASSIGN_OR_RETURN(const api::ResourceList trials, store.List(api::Kind::kTrial, ""));
  std::set<std::string> keys;
  for (const api::ResourcePtr& item : trials.items) {
    if (IsFinished(StateOf(static_cast<const api::Trial&>(*item)))) continue;
    keys.insert({item->metadata.uid, item->metadata.name});
  }
  return keys;
}

suggestion::StopTrial NewStopTrial(api::ResourceStore* store, const std::optional<KubernetesAccess>& access) {
  const suggestion::StopTrial in_cluster = access ? NewKubernetesStopTrial(*access) : nullptr;
  return [store, in_cluster](const std::string& trial_name) {
    absl::Status status = absl::NotFoundError(
        fmt::format("trial {} does not exist: this service keeps no trials, and is in no Kubernetes cluster "
                    "(no KUBERNETES_SERVICE_HOST, or no token in --service-account)",
                    trial_name));
    if (store != nullptr) status = MarkEarlyStopped(*store, trial_name);
    return status.code() == absl::StatusCode::kNotFound && in_cluster ? in_cluster(trial_name) : status;
  };
}

}  // namespace qalam::server
