// Early-stopping rule "patience".
#pragma once

#include <memory>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// Stops trials that have ceased to improve: `patience` reports of the objective in a row of which none was better by more
/// than `min_delta`.
///
/// Trials:    none; each trial is compared with itself alone.
/// Rules:     one, on reports_since_improvement(OBJECTIVE) or, with a min_delta, reports_since_improvement(OBJECTIVE,
///            MIN_DELTA): GREATER than patience - 1. Whoever compares reports with rules derives that metric from the
///            objective: how many reports have come since the last one that was better, by more than MIN_DELTA, than the
///            one that was so before it.
/// Settings:  patience (whole number > 0, default 5), min_delta (>= 0, default 0), start_step (whole number >= 1, default 1:
///            from which report on a trial may be stopped; reports before it are counted all the same).
/// Cost:      O(1).
namespace patience_stop {

inline constexpr std::string_view kSettings[] = {"patience", "min_delta", "start_step"};

absl::Status Validate(const Settings& settings);
absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem);

}  // namespace patience_stop
}  // namespace qalam::algorithms
