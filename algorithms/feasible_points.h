// Points that keep the rules of a search space, drawn and found.
#pragma once

#include <optional>

#include "algorithms/random_engine.h"
#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// A draw from the declared distributions, given that all constraints hold: canonical and feasible. By rejection; where
/// the feasible part is small, by Gibbs' sampler from a repaired draw, whose draws are close to that distribution. Nothing
/// when no feasible point was found. A space without rules costs one draw.
std::optional<Point> DrawFeasible(const SearchSpace& space, Rng& rng);

/// DrawFeasible; OUT_OF_RANGE "SpaceExhausted: ..." where it finds nothing.
absl::StatusOr<Point> DrawFeasibleOrFail(const SearchSpace& space, Rng& rng);

/// Point `number` of the scrambled Sobol sequence of `seed` if it keeps the constraints, in canonical form; else
/// DrawFeasibleOrFail.
absl::StatusOr<Point> SpreadFeasible(const SearchSpace& space, std::uint64_t number, std::uint64_t seed);

/// A canonical and feasible point near `point`: numbers are moved onto the constraints they miss, by alternating
/// projections in shares of their ranges, and then to values of their grids. Nothing when that does not end well.
std::optional<Point> Repair(const SearchSpace& space, Point point);

/// A feasible point for any: `point` in canonical form if it is feasible, else Repair, else DrawFeasibleOrFail.
absl::StatusOr<Point> NearestFeasible(const SearchSpace& space, Point point, Rng& rng);

/// INVALID_ARGUMENT where no point keeps the rules, as far as that can be seen: a constraint that cannot hold anywhere in
/// the box is named; otherwise no feasible point was found in many tries.
absl::Status CheckFeasible(const SearchSpace& space);

}  // namespace qalam::algorithms
