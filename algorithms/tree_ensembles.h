// Forests and boosted trees as models of the objective.
#pragma once

#include "algorithms/surrogate.h"

namespace qalam::algorithms {

/// Random forest: 100 trees, each on a bootstrap sample and with two thirds of the columns looked at for each split.
/// Mean and variance of the mixture that the leaves' own means and variances make (law of total variance) [1].
/// O(100 d n log^2 n) to fit and O(100 q log n) to predict: some 30 ms for 200 rows of 10 columns, 0.3 s for 1,000.
///
/// [1] Hutter, Xu, Hoos, Leyton-Brown, Algorithm runtime prediction: Methods & evaluation, AIJ 206, 2014, section 4.3.
absl::StatusOr<std::unique_ptr<Surrogate>> FitRandomForest(const SurrogateData& data);

/// Extremely randomised trees [2]: 100 trees on all rows with random thresholds, grown until every row has its own
/// leaf; variance as above, which is then that between trees. Twice as fast, and smoother.
///
/// [2] Geurts, Ernst, Wehenkel, Extremely randomized trees, Machine Learning 63, 2006.
absl::StatusOr<std::unique_ptr<Surrogate>> FitExtraTrees(const SurrogateData& data);

/// Gradient-boosted trees [3] for three quantiles: mean is the median, and the standard deviation is half the distance
/// between the quantiles 0.16 and 0.84, as in scikit-optimize. 100 trees of depth 3 each, learning rate 0.1.
/// Uses no randomness but for thresholds between neighbours.
///
/// [3] Friedman, Greedy function approximation: A gradient boosting machine, Annals of Statistics 29(5), 2001.
absl::StatusOr<std::unique_ptr<Surrogate>> FitBoostedTrees(const SurrogateData& data);

}  // namespace qalam::algorithms
