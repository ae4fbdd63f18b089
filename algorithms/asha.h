// Algorithm "asha".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Asynchronous successive halving [1]: a configuration goes on with eta times the resource as soon as it is among
/// the best 1/eta of those that have ended at its level; when none is, a new one begins. No rung is ever waited for.
///
/// Space, trials, labels and determinism are as in hyperband.h.
/// Proposals:   promotions first, from the highest level down. New configurations come from density estimates (tpe.h) of the
///              results at the highest level that has enough of them, as in [2] but for the model; or, as in [1],
///              from the declared distributions.
/// Settings:    resource_name must be there; r_max (or r_l), r_min, eta; brackets >= 1: new configurations begin at the
///              lowest level or at that many - 1 levels above, as often as in Hyperband; sampler: tpe, random or
///              bayesianoptimization; seed, random_state.
/// Cost:        O(n d + n log n) per call for n trials of d parameters, and the sampler's.
///
/// [1] Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020, algorithm 2.
/// [2] Klein et al., Model-based Asynchronous Hyperparameter and Neural Architecture Search, arXiv:2003.10865, 2020.
namespace asha {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);
void Adapt(Problem& problem);  // as hyperband::Adapt

}  // namespace asha
}  // namespace qalam::algorithms
