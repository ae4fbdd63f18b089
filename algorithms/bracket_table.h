// How much successive halving gives to how many.
#pragma once

#include <cstdint>
#include <vector>

namespace qalam::algorithms {

/// The least and the largest resource `most` itself, and between them `most` divided by eta again and again: ascending,
/// none below `least`. Requires eta > 1 and 0 < least <= most, all finite.
std::vector<double> ResourceLevels(double least, double most, double eta);

/// A bracket of Hyperband [1]: `sizes[0]` configurations begin at level `first_level`, the best `sizes[i]` of them reach
/// level first_level + i, and the last one is the top level.
struct Bracket {
  int first_level = 0;
  std::vector<std::int64_t> sizes;
};

/// The brackets of one round, in their order, from the one that begins at level 0 to the one that begins at the top.
/// With s = levels - 1 - first_level: ceil(levels / (s + 1) * eta^s) configurations begin, floor(sizes[0] / eta^i) of them
/// are left after i promotions, but one at least. Exact for whole eta and sizes below 10^12; never
/// above 2^62.
///
/// [1] Li et al., Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization, JMLR 18, 2018, algorithm 1.
std::vector<Bracket> BracketTable(int levels, double eta);

/// floor(count / eta): how many of a rung asynchronous successive halving has promoted.
std::int64_t TopShare(std::int64_t count, double eta);

}  // namespace qalam::algorithms
