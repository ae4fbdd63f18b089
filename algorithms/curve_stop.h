// Early-stopping rule "curve".
#pragma once

#include <memory>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// Ends a trial when the chance that its final value beats the best one is below 1 - confidence, by what finished curves
/// say of how values go on [1]: at each report number, the final value is regressed on the best value so far. Final values
/// are taken for normal around the line, so that a value to come is Student-t with n - 2 degrees of freedom, and the bound
/// is the value from which on all have a lower chance. With few curves, with curves that scatter, and far from the values
/// that were seen, that is a high one, or there is none.
///
/// Trials:    the curves of those that succeeded are regressed; the final value is the best of all reports. The best value
///            to beat is that of all that succeeded, were stopped early or run.
/// Rules:     one, ScheduleRule (stop_schedule.h); none before min_trials_required curves go on beyond a report.
/// Settings:  confidence (in [0.5, 1), default 0.95), min_trials_required (whole number from 4, default 5), start_step
///            (whole number from 1, default 1: from which report on a trial may be ended).
/// Cost:      O(n r) for n trials of r reports, r <= kLongestCurve.
///
/// [1] Baker, Gupta, Raskar, Naik, Accelerating Neural Architecture Search using Performance Prediction, 2017.
/// Departs from [1]: the value of the moment alone is regressed on, and neither its slope nor hyperparameters, because a
/// rule is one bound for all trials; a line with Student's t needs 5 curves where their machines needed 100.
namespace curve_stop {

inline constexpr std::string_view kSettings[] = {"confidence", "min_trials_required", "start_step"};

absl::Status Validate(const Settings& settings);
absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem);

}  // namespace curve_stop
}  // namespace qalam::algorithms
