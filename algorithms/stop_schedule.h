// Stopping rules whose bound depends on how much a trial has reported.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// How many reports of a curve such rules look at.
inline constexpr int kLongestCurve = 4096;

/// The best value after each report, lower is better whatever the direction. A report that is no finite number is no
/// report. Never ascending.
std::vector<double> BestSoFar(const Trial& trial, Direction direction);

/// From report number `step` (>= 1) on, a trial whose best value is above `bound` is to end; lower is better.
struct StepBound {
  int step = 1;
  double bound = 0;  // finite
};

/// "1:0.9, 3:0.5", in the user's units. `bounds` are in ascending order of their steps.
std::string ScheduleText(std::span<const StepBound> bounds, Direction direction);

/// GREATER than 0 on beyond_schedule(METRIC, SCHEDULE), which whoever compares reports with rules derives from the
/// objective: by how much the best value so far is worse than the bound of the last step that the trial has reached.
/// `schedule` is a ScheduleText, or several of them as WEIGHT* SCHEDULE | WEIGHT* SCHEDULE ..., of which the name of the
/// trial draws one (base/name_share.h).
StoppingRule ScheduleRule(const Objective& objective, std::string_view schedule);

/// Successive halving as bounds: for each rung (a number of reports, ascending) that at least eta - 1 of the curves have
/// reached, the k-th best of their values there, k = floor((n + 1) / eta) of n: what one trial more has to be no worse
/// than to be among the best eta-th. `curves` are of BestSoFar, eta >= 2.
std::vector<StepBound> RungBounds(const std::vector<std::vector<double>>& curves, std::span<const int> rungs,
                                  int eta);

/// Whether successive halving compares others with the trial: it succeeded, was stopped, or runs.
inline bool CompetesOnRungs(const Trial& trial) {
  return trial.status == TrialStatus::kSucceeded || trial.status == TrialStatus::kEarlyStopped ||
         trial.status == TrialStatus::kPending;
}

}  // namespace qalam::algorithms
