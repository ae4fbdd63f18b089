// Small changes of a point, as population-based training makes them.
#pragma once

#include "algorithms/random_engine.h"
#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// Every parameter a little different, one way or the other with equal chance:
///   numbers   times 0.8 or 1.2, within the bounds; on a grid the nearest value of it that is at least one step from the
///             old one, unless that is at the bound; a zero goes a twentieth of the mass up or down
///   lists     one place to the left or right, around the ends
/// `point` is inside the space; so is the result.
Point Perturbed(const SearchSpace& space, const Point& point, Rng& rng);

}  // namespace qalam::algorithms
