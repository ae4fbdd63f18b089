// How much a number matters under each category.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "algorithms/feature_encoding.h"

namespace qalam::algorithms {

/// The columns that have more than one value.
std::vector<Eigen::Index> InformativeColumns(const std::vector<FeatureColumn>& columns);

/// A numeric parameter often matters under some categories only: the momentum of one optimiser, the width of one
/// kernel. So every numeric column has a factor per category by which its distances are multiplied there; a small one
/// lets points of that category differ in it for free (an embedding as in Swersky et al., Raiders of the Lost
/// Architecture: Kernels for Bayesian Optimization in Conditional Parameter Spaces, 2013, with the dependence learned
/// instead of declared). The factors of several categorical columns multiply.
///
/// Immutable; d numbers and categories are informative columns.
class GpRelevance {
 public:
  explicit GpRelevance(const std::vector<FeatureColumn>& columns);

  /// How many factors there are: (numeric columns) x (categories of all categorical columns); 0 when that is more than
  /// 64, as they would be too many to learn.
  Eigen::Index size() const { return static_cast<Eigen::Index>(numeric_.size()) * levels_; }

  /// Place of the first factor of the informative column number `c`: one per category, in the order of Codes; -1 for
  /// columns without factors.
  Eigen::Index FirstFactor(size_t c) const { return first_[c]; }

  /// Which of a column's factors hold in each row: n x (categorical columns), numbers below `levels`.
  Eigen::ArrayXXi Codes(const Eigen::MatrixXd& x) const;

  /// The products of the factors of informative column `c` that hold in each row. `log_factors` has size() entries or
  /// none, which stands for zeros.
  Eigen::ArrayXd Factors(const Eigen::ArrayXXi& codes, size_t c, const Eigen::VectorXd& log_factors) const;

 private:
  std::vector<Eigen::Index> numeric_, categorical_;  // columns
  std::vector<Eigen::Index> first_;                  // per informative column
  std::vector<int> offset_;                          // per categorical column
  Eigen::Index levels_ = 0;                          // sum over the categorical columns
};

}  // namespace qalam::algorithms
