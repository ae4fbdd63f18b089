// Algorithm "bohb".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// BOHB [1]: the brackets of Hyperband (hyperband.h), whose new configurations a model proposes once there are
/// results: density estimates of good and bad ones (tpe.h) at the highest level that has enough of them.
///
/// Space, trials, proposals and determinism are as in hyperband.h. A fifth of the configurations is drawn at random
/// still, where [1] has a third, so that no wrong model can keep the search away from a good one.
/// Settings:    resource_name must be there; r_max (or r_l), r_min, eta, random_fraction in [0, 1],
///              min_points_in_model >= 1, seed, random_state.
/// Cost:        that of hyperband and tpe.
///
/// [1] Falkner, Klein, Hutter, BOHB: Robust and Efficient Hyperparameter Optimization at Scale, ICML 2018.
namespace bohb {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);
void Adapt(Problem& problem);  // as hyperband::Adapt

}  // namespace bohb
}  // namespace qalam::algorithms
