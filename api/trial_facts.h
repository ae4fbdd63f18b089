// What a trial has come to, derived from the resource as it is stored.
#pragma once

#include <optional>
#include <string_view>

#include "api/trial.h"

namespace qalam::api {

/// The one state a trial counts under.
enum class TrialState {
  kPending,
  kRunning,
  kSucceeded,
  kFailed,
  kKilled,
  kEarlyStopped,
  kMetricsUnavailable
};

/// The first condition that is true of Killed, Failed, Succeeded, EarlyStopped, Running, MetricsUnavailable;
/// otherwise pending.
TrialState StateOf(const Trial& trial);

/// Whether the trial will not change any more and uses up the budget: all but pending and running ones.
inline bool IsFinished(TrialState state) {
  return state != TrialState::kPending && state != TrialState::kRunning;
}

/// Whether the trial was stopped early, but its program, or the reading of what it reported, has not come to its end.
bool AwaitsObservation(const Trial& trial);

/// Reasons of jobs that failed in a way algorithms should know of.
inline constexpr std::string_view kReasonInfeasible =
    "Infeasible";  // no attempt with these parameters can do better
inline constexpr std::string_view kReasonTemporaryFailure = "TemporaryFailure";  // not the parameters' fault

/// Reason of the condition Created of a trial that waits for a secret or a config map its program's environment names, in
/// Kubernetes' words for a container in that state.
inline constexpr std::string_view kReasonWaitsForEnvironment = "CreateContainerConfigError";

/// The job's reason in a condition's, "TrialFailed. Job reason: Infeasible"; empty without one. Part of `condition`.
std::string_view JobReason(const Condition& condition);

/// The job's reason of a trial that has failed; empty for all others. Part of `trial`.
std::string_view FailureReason(const Trial& trial);

/// Stands in a metric's min, max or latest where there is no value.
inline constexpr std::string_view kUnavailable = "unavailable";

/// Which of the objective's values counts: by its strategy, or without one the best by the objective's type.
MetricStrategyType ObjectiveStrategy(const ObjectiveSpec& objective);

/// The text that counts for a metric: by its strategy, `latest` where min or max is unavailable. Empty when the metric
/// has no strategy or no entry. Part of `observation`.
std::string_view MetricText(const ObjectiveSpec& objective, const Observation& observation,
                            std::string_view metric);

/// The objective's value, if it is a finite number.
std::optional<double> ObjectiveValue(const ObjectiveSpec& objective, const Observation& observation);

/// Strictly better in the objective's direction.
inline bool IsBetter(ObjectiveType type, double candidate, double incumbent) {
  return type == ObjectiveType::kMaximize ? candidate > incumbent : candidate < incumbent;
}

}  // namespace qalam::api
