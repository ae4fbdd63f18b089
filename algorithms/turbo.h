// Algorithm "turbo".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Bayesian optimisation within a trust region [1] (trust_region.h), for 20 parameters and more, where a model of the
/// whole space knows too little of any place. The model, its acquisition and its treatment of running, failed and
/// early-stopped trials are those of bayesian_optimization.h, on the observations of the current region only.
///
/// Space:       every type, distribution and step. The region bounds numbers and ordered lists; categories are searched
///              all over.
/// Settings:    docs/algorithms/turbo.md.
/// Cost:        as bayesian_optimization.h, with the observations of one region.
/// Determinism: point i is a function of (space, settings, parallel trials, history, i) and of the points of its batch
///              before it.
///
/// [1] Eriksson et al., Scalable Global Optimization via Local Bayesian Optimization, NeurIPS 2019. Departs from [1] in
///     the choice of points, by log expected improvement and not by Thompson sampling over 5,000 candidates, and in
///     having one region at a time.
namespace turbo {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace turbo
}  // namespace qalam::algorithms
