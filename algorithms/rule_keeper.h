// The last resort for the rules of a search space.
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// The algorithm, or around it one whose proposals keep the rules of the space (search_space.h), whatever it
/// proposes itself: points are brought into canonical form, and infeasible ones moved onto the constraints
/// or, where that fails, drawn anew, as a function of the experiment's seed and the number of the point.
/// Proposals that keep the rules stay as they are. INVALID_ARGUMENT where no point keeps the rules
/// (CheckFeasible).
absl::StatusOr<std::unique_ptr<Algorithm>> KeepRules(std::unique_ptr<Algorithm> algorithm,
                                                     const Problem& problem);

}  // namespace qalam::algorithms
