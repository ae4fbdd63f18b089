// By how much a trial misses the bounds on its metrics.
#pragma once

#include <span>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// How far `value` is beyond the bound, in shares of the bound's size (of 1 where the bound is 0); negative where the
/// constraint is kept with something to spare.
double RelativeExcess(const MetricConstraint& constraint, double value);

/// The sum of the relative excesses of those constraints that are not kept: 0 where all are, infinity where a
/// value is missing or NaN. `values` has one entry per constraint. Trials are compared by it before they are
/// compared by their objective: Deb, An efficient constraint handling method for genetic algorithms, 2000.
double Violation(std::span<const MetricConstraint> constraints, std::span<const double> values);

}  // namespace qalam::algorithms
