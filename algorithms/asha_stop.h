// Early-stopping rule "asha".
#pragma once

#include <memory>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// Asynchronous successive halving as a stopping rule: at its report number r_min, r_min eta, r_min eta^2, ... a trial
/// goes on only if its best value so far is among the best eta-th of all that got there, itself included [1, section 3 and
/// appendix: the stopping variant].
///
/// Trials:    those that succeeded, were stopped early or run, with what they have reported; at a rung count those that
///            reached it. Fewer than eta trials at a rung, the one to be judged included, are all let go on.
/// Rules:     one, ScheduleRule (stop_schedule.h).
/// Settings:  eta (whole number from 2, default 3), r_min (whole number from 1, default 1).
/// Cost:      O(n r) for n trials of r reports, r <= kLongestCurve.
///
/// [1] Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020.
/// Departs from [1]: where rules are compared with every report, a trial is judged between two rungs, too, by what has
/// become known at the rung behind it; `evaluate: once` judges at the rungs alone.
namespace asha_stop {

inline constexpr std::string_view kSettings[] = {"eta", "r_min"};

absl::Status Validate(const Settings& settings);
absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem);

}  // namespace asha_stop
}  // namespace qalam::algorithms
