// How much of the objectives' space a set of points dominates.
#pragma once

#include <span>

#include "algorithms/pareto.h"

namespace qalam::algorithms {

/// The volume of all that some point dominates and that dominates `reference`: exact, for any number of
/// objectives >= 1. Points that do not dominate the reference in every objective add nothing. 0 for no
/// points.
///
/// A sweep for two objectives, O(n log n). Beyond, WFG [1]: the volume is the sum over points of what each
/// adds to those before it; fast for fronts of some hundred points in three objectives and some dozen in six,
/// exponential in the number of objectives at worst.
///
/// [1] While, Bradstreet, Barone, A Fast Way of Calculating Exact Hypervolumes, IEEE TEC 16(1), 2012.
double Hypervolume(std::span<const Losses> points, const Losses& reference);

}  // namespace qalam::algorithms
