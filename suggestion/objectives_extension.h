// The extension qalam.dev/objectives: more objectives than the experiment's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/algorithm.h"
#include "base/status.h"

namespace qalam::suggestion {

/// Puts what `text` (base/metric_directions.h) names after the first of `objectives`, which is there already. INVALID_ARGUMENT:
/// a text that cannot be read; a metric that is the first objective or not among `additional_metrics`.
absl::Status ReadObjectives(std::string_view text, const std::vector<std::string>& additional_metrics,
                            std::vector<algorithms::Objective>& objectives);

}  // namespace qalam::suggestion
