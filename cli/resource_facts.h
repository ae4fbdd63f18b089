// What people want to know about a trial or an experiment, derived from the resource as it is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "api/experiment.h"
#include "api/trial_facts.h"

namespace qalam::cli {

using api::IsBetter;
using api::IsFinished;
using api::MetricText;
using api::ObjectiveValue;
using api::StateOf;
using api::TrialState;
constexpr int kTrialStates = 7;

/// The name of the condition: "Succeeded", "EarlyStopped", ...; "Pending".
std::string_view StateName(TrialState state);
/// For sentences: "succeeded", "stopped early", "without metrics", ...
std::string_view StateWords(TrialState state);

/// When the trial ended: completionTime, else (early-stopped trials have none) the last condition's
/// transition.
std::optional<absl::Time> FinishTime(const api::Trial& trial);
/// From start to end, or to `now` while it runs. Nothing before the start.
std::optional<absl::Duration> TrialDuration(const api::Trial& trial, absl::Time now);
/// Message of the condition that ended the trial or keeps it waiting; empty for running and succeeded ones.
std::string TrialMessage(const api::Trial& trial);

/// "2; before: exit code 75", "1: exit code 75, the next at 2026-05-01T12:03:11Z"; empty while only a first attempt is known
/// that has not failed, or that has failed for good.
std::string AttemptsText(const api::Trial& trial);

/// Objective first, then the additional metrics.
std::vector<std::string> MetricNames(const api::ObjectiveSpec& objective);

/// Numbers cut to six significant digits ("0.933333"); any other text as it is.
std::string ShortNumber(std::string_view text);
/// "lr=0.01 layers=2"; values in six digits when `brief`.
std::string AssignmentsText(const std::vector<api::ParameterAssignment>& assignments, bool brief);

/// Type of the last condition: "Created", "Running", "Succeeded", ...; "Pending" before the first.
std::string ExperimentStatusName(const api::Experiment& experiment);
bool IsFinished(const api::Experiment& experiment);
/// One sentence without the name: "all 50 trials are done", "the goal was reached: accuracy >= 0.99",
/// "3 trials failed, and maxFailedTrialCount is 3", "running", ...
std::string StatusInWords(const api::Experiment& experiment);
/// "accuracy=0.95" of the optimal trial; empty without one.
std::string BestText(const api::Experiment& experiment, bool brief);
/// Trials that will not change any more.
int FinishedTrials(const api::ExperimentStatus& status);
/// "46 succeeded, 3 failed, 1 running"; "none yet" without trials.
std::string CountsText(const api::ExperimentStatus& status);

}  // namespace qalam::cli
