// The extension qalam.dev/constraints: linear inequalities between parameters, and bounds on metrics.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "algorithms/algorithm.h"
#include "base/status.h"

namespace qalam::suggestion {

/// Reads entries `SUM <= SUM` (or >=, <, >) between semicolons or line ends, as docs/constraints.md has them: those of parameters
/// go to the space of `problem`, those of a single metric to its metric_constraints, which are replaced. Metrics are the first
/// objective and `additional_metrics`. INVALID_ARGUMENT, naming the extension, the entry, what was seen and what would be right.
absl::Status ReadConstraints(std::string_view text, std::span<const std::string> additional_metrics,
                             algorithms::Problem& problem);

}  // namespace qalam::suggestion
