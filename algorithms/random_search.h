// Algorithm "random".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Independent draws from the declared distributions.
///
/// Space:       every type, distribution and step. In a finite space no point comes twice before all have
///              come (before 65,536 points of one round, if values are not equally likely); then a new
///              round begins.
/// Trials:      not used; the points handed out so far are known from their number.
/// Settings:    seed, random_state.
/// Cost:        O(d) per point. In a finite space whose values are not equally likely, the draws of the round
///              are made again at each call: some 0.5 ms per 1,000 points of 10 parameters.
/// Determinism: point i is a function of (space, seed, i).
///
/// On equally likely values sampling without repetition is a random permutation (combination_shuffle.h). On
/// others a draw that repeats is drawn again; after 32 repetitions the next untried point of such a
/// permutation is taken.
namespace random_search {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace random_search
}  // namespace qalam::algorithms
