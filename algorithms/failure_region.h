// Where in the search space failures cluster.
#pragma once

#include <optional>
#include <vector>

#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// What a region asks of one parameter.
struct ParameterRegion {
  size_t parameter = 0;  // its place in the space
  /// Numeric and discrete parameters: from `lower` to `upper`, both values of trials inside. Nothing at a side that is
  /// open: no trial lies beyond it. Categorical ones: `lower` and `upper` are the one category.
  std::optional<Value> lower, upper;
};

struct FailureRegion {
  std::vector<ParameterRegion> sides;  // one or two parameters; all must hold
  int failed_inside = 0, inside = 0;
  int failed_outside = 0, outside = 0;
  double p_value = 1;  // of as strong a cluster by chance, corrected for the number of regions looked at
};

/// The region in which failures are most surprisingly frequent: intervals of one numeric parameter, one category of a
/// categorical one, and the best of those combined in pairs. Fisher's exact test, one-sided; the p-value is multiplied by
/// the number of regions that were looked at (Bonferroni). A pair is taken only if it is more surprising after that.
/// Nothing above a p-value of 0.01, which is also the chance of a report where there is no cluster.
///
/// `points` and `failed` are of equal length. Cost: some 2,000 tests a numeric parameter at most, and one for each
/// category; the same again for some pairs.
std::optional<FailureRegion> FindFailureRegion(const SearchSpace& space, const std::vector<Point>& points,
                                               const std::vector<bool>& failed);

}  // namespace qalam::algorithms
