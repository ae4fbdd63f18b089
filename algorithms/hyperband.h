// Algorithm "hyperband".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Hyperband [1]: brackets of successive halving, from many configurations with little of a resource each to few with all
/// of it, one bracket after the other and round after round.
///
/// Space:       every type, distribution and step; one parameter, an int or a double, is the resource.
/// Trials:      failed ones are the worst of their rung, killed ones are replaced. Early-stopped ones are not promoted.
///              Trials of other origin count at the level that their resource reaches.
/// Proposals:   configurations differ while there are any left. A promoted one comes again with more of the resource and
///              with the labels of trial_labels.h. No call waits: while a rung is not done, the next bracket begins.
/// Settings:    r_l and resource_name must be there; eta, r_min, seed, random_state; others are ignored, as Katib does.
///              Returned: those of Katib, none of which is needed again, and "promotions" (halving_search.h).
/// Cost:        O(n d + n log n) per call for n trials of d parameters.
/// Determinism: a function of (problem, set of trials, number of the point).
///
/// [1] Li et al., Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization, JMLR 18, 2018.
namespace hyperband {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

/// Lets a resource parameter of one value range over the resources that the settings ask for (fidelity_space.h).
void Adapt(Problem& problem);

}  // namespace hyperband
}  // namespace qalam::algorithms
