// Algorithm "grid".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Every combination of values once, both ends of each range included, in an order shuffled by the seed. Values of inactive
/// parameters do not count; what does not keep the constraints is left out (of four million combinations:
/// those beyond are not looked at).
///
/// Space:       ints, discrete, categorical, and doubles with a step; distributions do not change a grid.
///              There may be astronomically many combinations: none is stored (combination_shuffle.h).
/// Trials:      not used: point i of the order is handed out i-th, whatever happened to the others, so
///              trials may end in any order and fail.
/// Settings:    seed, random_state.
/// Cost:        O(d) per point.
/// Determinism: point i is a function of (space, seed, i).
///
/// When fewer points are left than asked: OUT_OF_RANGE "SpaceExhausted: the grid has N points, H were handed
/// out, L are left, C were asked"; the L points left are given to whoever asks for L or fewer.
namespace grid_search {

/// INVALID_ARGUMENT also for: a double without step and an int with a step that is not whole ("failed to
/// validate parameters(NAME): ..."); max_trial_count above the number of combinations (the message gives
/// both).
absl::Status Validate(const Problem& problem);

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace grid_search
}  // namespace qalam::algorithms
