// The problem whose trials an optimiser knows when it begins: for measuring warm starts.
#pragma once

#include <functional>
#include <string_view>

#include "algorithms/trial.h"
#include "bench/problem.h"

namespace qalam::bench {

/// The trials there are of the earlier problem.
inline constexpr int kEarlierTrials = 50;

/// A loss on the space of `problem`. `name` is
///
///   sibling   the same function on another scale, its coordinates moved by 0.05 of their range
///   contrary  the negative of the function: what was good is bad
///
/// or another problem, found by `find`, whose space has as many parameters of the same types, at the same quantiles.
/// INVALID_ARGUMENT: no such problem, or of another space; `problem` has several losses or bounds on metrics.
absl::StatusOr<std::function<absl::StatusOr<double>(const algorithms::Point&)>> EarlierLoss(
    const Problem& problem, std::string_view name,
    const std::function<std::vector<Problem>(std::string_view)>& find);

/// kEarlierTrials random points of `problem`, which has an earlier loss, with that loss; failed where it has none. A function of
/// the seed.
algorithms::EarlierExperiment EarlierTrialsOf(const Problem& problem, std::uint64_t seed);

}  // namespace qalam::bench
