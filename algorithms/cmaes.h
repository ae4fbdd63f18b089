// Algorithm "cmaes".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Covariance matrix adaptation evolution strategy (cma_distribution.h, cma_search.h for the papers).
///
/// Space:       every type, distribution and step; coordinates are quantiles of the declared distributions.
/// Trials:      results are a stream in order of completion, of which every lambda make a generation. So any number of
///              trials may run at once, points of other origin are welcome, and no label is needed to
///              find the way back: the history alone is replayed. Failed trials are worse than any
///              result, and those that violate constraints on metrics worse than those that do not, by how
///              much they do. Early-stopped ones count with their last value.
/// Proposals:   points of the current distribution at scrambled Sobol numbers, which spread each generation evenly [1].
///              Infeasible points are drawn again, and moved onto the constraints when that does not help. Of
///              a parameter that was inactive a result says nothing.
///              A point that was proposed before is replaced, from a wider distribution, while the space has others.
/// Settings:    sigma >= 0 (0: the default, 1/6; shares of the range), restart_strategy none, ipop or bipop,
///              seed, random_state.
/// Cost:        O(n d^2) per call for n results and d parameters: some 1 ms for 1,000 and 10.
/// Determinism: a function of (problem, set of trials, number of the point).
///
/// [1] Teytaud, Gelly, DCMA: yet another derandomization in covariance-matrix-adaptation, GECCO 2007.
namespace cmaes {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace cmaes
}  // namespace qalam::algorithms
