// One regression tree, the part of every tree ensemble.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/feature_encoding.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {

/// A binary tree that splits rows so as to reduce the sum of squared deviations of y within its leaves [1]. Columns
/// kSmooth and kOrdered are split by a threshold, kCategorical ones by any subset of the categories (best subset by
/// Fisher's theorem: categories in order of their mean y). Categories that a split has not seen go with the larger
/// part.
///
/// Shapes as in surrogate.h. Immutable once grown.
///
/// [1] Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984.
class RegressionTree {
 public:
  enum class Thresholds {
    kBest,    // the best split, its threshold uniformly between the two neighbours [2, section 4.3.1]
    kRandom,  // one split drawn at random for each column, the best column of those [3]
  };
  // [2] Hutter, Xu, Hoos, Leyton-Brown, Algorithm runtime prediction: Methods & evaluation, AIJ 206, 2014.
  // [3] Geurts, Ernst, Wehenkel, Extremely randomized trees, Machine Learning 63, 2006.

  struct Options {
    int max_depth = 64;   // >= 0; 0: one leaf
    int min_leaf = 1;     // rows in a leaf; >= 1
    int max_columns = 0;  // columns looked at for a split, drawn for each anew; 0: all
    Thresholds thresholds = Thresholds::kBest;
  };

  /// `rows` says which rows of x and y to learn from, at least one; a row may be given several times.
  /// O(columns rows log(rows) depth), without the logarithm if kRandom.
  RegressionTree(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                 const Eigen::VectorXd& y, std::vector<int> rows, const Options& options, Rng& rng);

  /// Number of the leaf, 0 .. leaf_count() - 1, where row `row` of x belongs. O(depth).
  int LeafOf(const Eigen::MatrixXd& x, Eigen::Index row) const;

  int leaf_count() const { return static_cast<int>(leaves_.size()); }

  /// Of the y in a leaf.
  double mean(int leaf) const { return leaves_[leaf].mean; }
  double variance(int leaf) const { return leaves_[leaf].variance; }  // divided by the number of rows

 private:
  struct Node {
    int column = -1;  // -1: a leaf
    double threshold = 0;
    int categories = -1;  // kCategorical: place of the split's categories in categories_
    int left = 0,
        right = 0;  // nodes; of a leaf, left is its number. Left: x <= threshold, or its category is in
  };
  struct Leaf {
    double mean = 0, variance = 0;
  };
  struct Split;
  class Grower;

  bool GoesLeft(const Node& node, double value) const;

  std::vector<Node> nodes_;
  std::vector<Leaf> leaves_;
  std::vector<std::vector<bool>> categories_;  // which go left
};

}  // namespace qalam::algorithms
