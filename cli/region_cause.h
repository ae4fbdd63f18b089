// In which part of the search space trials fail, in words.
#pragma once

#include <vector>

#include "cli/diagnosis.h"
#include "cli/read_store.h"

namespace qalam::cli {

/// At most one cause for trials that failed or had no metrics (failure-region) and one for infeasible ones
/// (infeasible-region), where they cluster beyond chance. Temporary failures, killed and unfinished trials do not count.
std::vector<Cause> RegionCauses(const api::Experiment& experiment, const std::vector<TrialPtr>& trials);

}  // namespace qalam::cli
