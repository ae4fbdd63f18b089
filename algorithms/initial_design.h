// The points with which an optimiser begins, before it has anything to learn from.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "algorithms/feature_encoding.h"
#include "algorithms/row_set.h"

namespace qalam::algorithms {

/// Point `number` of the scrambled Sobol sequence of `seed` in the quantiles of the space, or, when it is in `tried`
/// (in finite spaces), the first of 32 random points that is not, or the first untried combination in shuffled
/// order. When nothing is untried, the Sobol point. In a space with rules all of these keep them: a Sobol point that does
/// not gives way to a draw (feasible_points.h). O(d), and up to O(combinations) when nearly all are tried.
Eigen::RowVectorXd DesignPoint(const SearchSpace& space, const FeatureEncoding& encoding, std::uint64_t seed,
                               std::int64_t number, const RowSet& tried);

}  // namespace qalam::algorithms
