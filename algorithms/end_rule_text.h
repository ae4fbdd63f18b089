// The rule that ends an experiment, as users write it.
#pragma once

#include <string_view>

#include "algorithms/end_rule.h"
#include "base/status.h"

namespace qalam::algorithms {

/// Reads "improvement < 0.001; confidence = 0.95; patience = 10; min_trials = 20" or "improvement < 1%", entries separated
/// by semicolons or newlines, all but the improvement optional, in any order; without `patience` it is 10.
/// INVALID_ARGUMENT, quoting the entry.
absl::StatusOr<EndRule> ParseEndRule(std::string_view text);

}  // namespace qalam::algorithms
