// Early-stopping rule "medianstop".
#pragma once

#include <memory>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// Stops trials that are worse than the middle of those that succeeded [1]: of each, the first `start_step` reports are
/// averaged; a trial about to start ends as soon as it is worse than the median of these averages.
///
/// Trials:    succeeded ones. One without reports, or with a report that is no finite number among its first
///            `start_step`, is left out. A trial with fewer reports is averaged over those it has.
/// Rules:     one, on the objective: LESS than the median if it is maximised, else GREATER; none before
///            `min_trials_required` trials can be used.
/// Settings:  min_trials_required (whole number > 0, default 3), start_step (whole number >= 1, default 4),
///            statistic (median; mean: the mean of the averages, as Katib 0.19 has it; best: the median of each trial's best
///            value among its first `start_step` reports, like with like where the best so far is compared; default median).
/// Cost:      O(n (start_step + log n)) for n trials.
///
/// [1] Golovin et al., Google Vizier: A Service for Black-Box Optimization, KDD 2017, section 3.2.2.
/// Departs from [1]: the averages are taken up to `start_step`, and not up to the step a running trial has reached,
/// because a rule on the wire is one number.
namespace median_stop {

inline constexpr std::string_view kSettings[] = {"min_trials_required", "start_step", "statistic"};

absl::Status Validate(const Settings& settings);
absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem);

}  // namespace median_stop
}  // namespace qalam::algorithms
