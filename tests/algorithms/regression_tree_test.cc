#include "algorithms/regression_tree.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;
using Thresholds = RegressionTree::Thresholds;

std::vector<int> Rows(Eigen::Index n) {
  std::vector<int> rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TEST(RegressionTree, SplitsWhereTheSquaresFallMost) {
  Eigen::MatrixXd x(6, 2);
  Eigen::VectorXd y(6);
  x << 0.1, 0.5, 0.2, 0.9, 0.3, 0.1, 0.7, 0.6, 0.8, 0.2, 0.9, 0.8;
  y << 1, 1, 1, 5, 5, 5;
  RegressionTree::Options options;
  options.max_depth = 1;
  Rng rng({1});
  const RegressionTree tree({{Kind::kSmooth, 0}, {Kind::kSmooth, 0}}, x, y, Rows(6), options, rng);
  ASSERT_EQ(tree.leaf_count(), 2);
  for (Eigen::Index i = 0; i < 6; ++i) {
    EXPECT_EQ(tree.mean(tree.LeafOf(x, i)), y[i]);
    EXPECT_EQ(tree.variance(tree.LeafOf(x, i)), 0);
  }
}

TEST(RegressionTree, LeavesHaveMeanAndVarianceOfTheirRows) {
  Eigen::MatrixXd x(4, 1);
  Eigen::VectorXd y(4);
  x << 0, 0, 1, 1;
  y << 1, 3, 10, 16;
  Rng rng({1});
  const RegressionTree tree({{Kind::kOrdered, 2}}, x, y, {0, 1, 2, 3, 3}, {}, rng);
  EXPECT_DOUBLE_EQ(tree.mean(tree.LeafOf(x, 0)), 2);
  EXPECT_DOUBLE_EQ(tree.variance(tree.LeafOf(x, 0)), 1);
  EXPECT_DOUBLE_EQ(tree.mean(tree.LeafOf(x, 2)), 14);
  EXPECT_DOUBLE_EQ(tree.variance(tree.LeafOf(x, 2)), 8);
}

// {1, 3} against {0, 2}: no threshold tells them apart.
TEST(RegressionTree, SplitsCategoriesBySubset) {
  Eigen::MatrixXd x(9, 1);
  Eigen::VectorXd y(9);
  x << 0, 1, 2, 3, 0, 1, 2, 3, 0;
  for (Eigen::Index i = 0; i < 9; ++i) y[i] = static_cast<int>(x(i, 0)) % 2;
  RegressionTree::Options options;
  options.max_depth = 1;
  Rng rng({1});
  const RegressionTree tree({{Kind::kCategorical, 5}}, x, y, Rows(9), options, rng);
  ASSERT_EQ(tree.leaf_count(), 2);
  for (Eigen::Index i = 0; i < 9; ++i) EXPECT_EQ(tree.mean(tree.LeafOf(x, i)), y[i]);
  Eigen::MatrixXd unseen(1, 1);
  unseen << 4;
  EXPECT_EQ(tree.mean(tree.LeafOf(unseen, 0)), 0);  // five rows have it
}

TEST(RegressionTree, KeepsTheLimits) {
  Rng rng({7});
  Eigen::MatrixXd x(200, 3);
  Eigen::VectorXd y(200);
  for (Eigen::Index i = 0; i < 200; ++i) {
    for (Eigen::Index j = 0; j < 3; ++j) x(i, j) = rng.Uniform();
    y[i] = std::sin(9 * x(i, 0)) + x(i, 1);
  }
  const std::vector<FeatureColumn> columns(3);
  for (const Thresholds thresholds : {Thresholds::kBest, Thresholds::kRandom}) {
    RegressionTree::Options options;
    options.thresholds = thresholds;
    options.min_leaf = 7;
    const RegressionTree tree(columns, x, y, Rows(200), options, rng);
    std::vector<int> count(tree.leaf_count());
    for (Eigen::Index i = 0; i < 200; ++i) ++count[tree.LeafOf(x, i)];
    EXPECT_GE(*std::min_element(count.begin(), count.end()), 7);
    EXPECT_GT(tree.leaf_count(), 8);

    options.min_leaf = 1;
    const RegressionTree full(columns, x, y, Rows(200), options, rng);
    for (Eigen::Index i = 0; i < 200; ++i) EXPECT_NEAR(full.mean(full.LeafOf(x, i)), y[i], 1e-12);

    options.max_depth = 3;
    EXPECT_LE(RegressionTree(columns, x, y, Rows(200), options, rng).leaf_count(), 8);
    options.max_depth = 0;
    EXPECT_EQ(RegressionTree(columns, x, y, Rows(200), options, rng).leaf_count(), 1);
  }
}

TEST(RegressionTree, IsOneLeafWhenNothingTellsRowsApart) {
  Rng rng({7});
  const Eigen::MatrixXd x = Eigen::MatrixXd::Constant(5, 2, 0.5);
  const RegressionTree same_x({{Kind::kSmooth, 0}, {Kind::kCategorical, 3}}, Eigen::MatrixXd::Zero(5, 2),
                              Eigen::VectorXd::LinSpaced(5, 0, 1), Rows(5), {}, rng);
  EXPECT_EQ(same_x.leaf_count(), 1);
  EXPECT_DOUBLE_EQ(same_x.mean(0), 0.5);
  Eigen::MatrixXd different = x;
  different.col(0) = Eigen::VectorXd::LinSpaced(5, 0, 1);
  EXPECT_EQ(
      RegressionTree(std::vector<FeatureColumn>(2), different, Eigen::VectorXd::Ones(5), Rows(5), {}, rng)
          .leaf_count(),
      1);
}

}  // namespace
}  // namespace qalam::algorithms
