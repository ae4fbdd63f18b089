// Problems with learning curves, as algorithms see them that say how long a trial runs.
#pragma once

#include "bench/optimizer.h"
#include "bench/problem.h"

namespace qalam::bench {

/// The name of the parameter that says how many epochs a trial runs.
inline constexpr char kEpochs[] = "epochs";

/// `problem`, which has a fidelity, with one more parameter at the end of its space: `epochs`, an int from 1 to all.
/// Losses are those of the other parameters; `evaluate` and `best` stay those of all epochs. INVALID_ARGUMENT: there is a
/// parameter of this name.
absl::StatusOr<Problem> WithEpochsParameter(Problem problem);

/// `optimizer` with Katib's settings for that parameter, resource_name and r_l (all epochs), where it has none of its own.
Optimizer WithResourceSettings(Optimizer optimizer, int epochs);

}  // namespace qalam::bench
