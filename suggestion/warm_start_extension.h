// qalam.dev/warm-start: earlier experiments to learn from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/algorithm.h"
#include "base/status.h"

namespace qalam::suggestion {

/// Names of experiments, NAME or NAMESPACE/NAME, at `;`, commas or line ends. INVALID_ARGUMENT: none, one that cannot be a
/// name, one given twice.
absl::StatusOr<std::vector<std::string>> ParseEarlierNames(std::string_view text);

/// Into Problem::earlier_experiments.
absl::Status ReadWarmStart(std::string_view text, algorithms::Problem& problem);

}  // namespace qalam::suggestion
