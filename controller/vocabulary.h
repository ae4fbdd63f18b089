// The words of the contract that clients parse: condition types, reasons, labels, finalizers.
#pragma once

#include <string_view>

namespace qalam::controller {

// Condition types.
inline constexpr std::string_view kCreated = "Created";
inline constexpr std::string_view kRunning = "Running";
inline constexpr std::string_view kRestarting = "Restarting";
inline constexpr std::string_view kSucceeded = "Succeeded";
inline constexpr std::string_view kFailed = "Failed";
inline constexpr std::string_view kKilled = "Killed";
inline constexpr std::string_view kMetricsUnavailable = "MetricsUnavailable";
inline constexpr std::string_view kEarlyStopped = "EarlyStopped";
inline constexpr std::string_view kDeploymentReady = "DeploymentReady";
// Ours: why a Suggestion waits, and that it gives no more points: its space has none left, or they are not worth it.
inline constexpr std::string_view kDelayed = "Delayed";
inline constexpr std::string_view kExhausted = "Exhausted";
// Likewise: that trials of earlier experiments are told to the algorithm, and which.
inline constexpr std::string_view kWarmStarted = "WarmStarted";

inline constexpr std::string_view kReasonTrialEarlyStopped = "TrialEarlyStopped";
inline constexpr std::string_view kEarlyStoppedMessage = "Trial is early stopped";

inline constexpr std::string_view kReasonMaxTrialsReached = "ExperimentMaxTrialsReached";
inline constexpr std::string_view kReasonGoalReached = "ExperimentGoalReached";
inline constexpr std::string_view kReasonExperimentFailed = "ExperimentFailed";
inline constexpr std::string_view kReasonRulesUnavailable = "EarlyStoppingRulesUnavailable";  // an event's
inline constexpr std::string_view kReasonSpaceExhausted = "SpaceExhausted";
inline constexpr std::string_view kReasonEndRuleMet =
    "EndRuleMet";  // and the first word of the service's answer

inline constexpr std::string_view kExperimentLabel = "katib.kubeflow.org/experiment";
inline constexpr std::string_view kTrialIndexAnnotation =
    "qalam.dev/trial-index";  // order of creation, from 0

inline constexpr std::string_view kTrialDirSetting = "suggestion_trial_dir";  // of algorithms: Katib's PBT

inline constexpr std::string_view kExperimentFinalizer = "update-prometheus-metrics";
inline constexpr std::string_view kTrialFinalizer = "clean-metrics-in-db";

}  // namespace qalam::controller
