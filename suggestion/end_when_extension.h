// The rule that ends an experiment, as an Experiment says it.
#pragma once

#include <string_view>

#include "algorithms/algorithm.h"
#include "base/status.h"

namespace qalam::suggestion {

/// Reads the value of qalam.dev/end-when into `problem.end_rule` (algorithms/end_rule_text.h has the syntax). INVALID_ARGUMENT,
/// naming the setting.
absl::Status ReadEndWhen(std::string_view text, algorithms::Problem& problem);

}  // namespace qalam::suggestion
