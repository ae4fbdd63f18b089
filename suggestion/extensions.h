// What a request says beyond Katib, in settings of its algorithm (base/extensions.h).
#pragma once

#include <string>
#include <vector>

#include "algorithms/algorithm.h"
#include "base/status.h"

namespace qalam::suggestion {

/// Takes the settings whose names begin with kExtensionPrefix out of `problem`, and reads them into it. Space and objective
/// are there already. `additional_metrics`: what else trials report. INVALID_ARGUMENT, naming the setting: an unknown one, or
/// one that cannot be read.
absl::Status ReadExtensions(const std::vector<std::string>& additional_metrics, algorithms::Problem& problem);

}  // namespace qalam::suggestion
