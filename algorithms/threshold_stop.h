// Early-stopping rule "threshold".
#pragma once

#include <memory>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// Stops trials whose metric is beyond a fixed value: a loss that has not come down to 2.0 by report 10, a memory use
/// above 8.
///
/// Trials:    none; the rule holds from the first trial on.
/// Rules:     one, as the settings say.
/// Settings:  value (a finite number; required), comparison (less, greater: the side on which a trial is stopped; default
///            the worse side of the objective), metric (default the objective; of another one nobody knows which side is
///            worse, so `comparison` must then be given), start_step (whole number >= 1, default 1).
/// Cost:      O(1).
namespace threshold_stop {

inline constexpr std::string_view kSettings[] = {"value", "comparison", "metric", "start_step"};

absl::Status Validate(const Settings& settings);
absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem);

}  // namespace threshold_stop
}  // namespace qalam::algorithms
