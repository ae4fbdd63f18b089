// Algorithm "bayesianoptimization".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Bayesian optimisation: a Gaussian process (gp_kernel.h, gp_fit.h) models the objective, and each point is the one
/// whose expected improvement has the largest logarithm (acquisition_function.h, acquisition_optimizer.h).
///
/// Several objectives: a process each, and the logarithm of the expected improvement of the hypervolume (front_model.h).
///
/// Space:       every type, distribution and step; normal and log-normal ones act as the user's prior. No point
///              comes twice while a small finite space has others.
/// Trials:      running ones, and the points of the same batch before, count as evaluated with the value the model
///              expects. Failed ones make their neighbourhood less promising (trial_cost.h) without forbidding it.
///              A value of an early-stopped trial counts as no better than the median of those that succeeded
///              before it.
/// Earlier experiments: part of the Gaussian process (transfer_belief.h), for a share of the calls that is the largest
///              relevance (related_trials.h); the other calls do without. Not for forests and boosted trees.
/// Settings:    docs/algorithms/bayesianoptimization.md.
/// Cost:        see gp_model.h; some hundred predictions of O(n^2) per point. Above 1,500 finished trials the model
///              is made of the 500 best, the 500 last and 500 spread evenly over the others.
/// Determinism: point i is a function of (space, settings, history, i) and of the points of its batch before it.
namespace bayesian_optimization {

/// INVALID_ARGUMENT with Katib's texts for settings.
absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace bayesian_optimization
}  // namespace qalam::algorithms
