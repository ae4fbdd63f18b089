#include "algorithms/gp_relevance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/gp_fit.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;

TEST(GpRelevance, HasAFactorPerNumberAndCategory) {
  const GpRelevance relevance({{Kind::kCategorical, 2},
                               {Kind::kSmooth, 0},
                               {Kind::kOrdered, 1},
                               {Kind::kCategorical, 3},
                               {Kind::kOrdered, 7}});
  ASSERT_EQ(relevance.size(), 2 * 5);
  EXPECT_EQ(relevance.FirstFactor(0), -1);
  EXPECT_EQ(relevance.FirstFactor(1), 0);
  EXPECT_EQ(relevance.FirstFactor(2), -1);
  EXPECT_EQ(relevance.FirstFactor(3), 5);

  Eigen::MatrixXd x(2, 5);
  x << 1, 0.3, 0.5, 0, 0.5,  //
      0, 0.9, 0.5, 2, 0.5;
  const Eigen::ArrayXXi codes = relevance.Codes(x);
  Eigen::VectorXd logs = Eigen::VectorXd::LinSpaced(10, 0, 0.9);
  const Eigen::ArrayXd factors = relevance.Factors(codes, 3, logs);
  EXPECT_NEAR(factors[0], std::exp(0.6 + 0.7), 1e-14);
  EXPECT_NEAR(factors[1], std::exp(0.5 + 0.9), 1e-14);
  EXPECT_TRUE((relevance.Factors(codes, 0, logs) == 1).all());
  EXPECT_TRUE((relevance.Factors(codes, 3, Eigen::VectorXd()) == 1).all());
}

TEST(GpRelevance, GivesUpWhereThereWouldBeTooManyFactors) {
  EXPECT_EQ(GpRelevance({{Kind::kSmooth, 0}, {Kind::kOrdered, 5}}).size(), 0);
  EXPECT_EQ(GpRelevance({{Kind::kCategorical, 5}}).size(), 0);
  EXPECT_EQ(GpRelevance({{Kind::kSmooth, 0}, {Kind::kCategorical, 64}}).size(), 64);
  std::vector<FeatureColumn> columns(13);
  columns.push_back({Kind::kCategorical, 5});
  const GpRelevance relevance(columns);
  EXPECT_EQ(relevance.size(), 0);
  EXPECT_EQ(relevance.FirstFactor(0), -1);
  EXPECT_TRUE((relevance.Factors(relevance.Codes(Eigen::MatrixXd::Zero(3, 14)), 0, {}) == 1).all());
}

TEST(GpRelevance, IsLearned) {
  const std::vector<FeatureColumn> columns = {{Kind::kSmooth, 0}, {Kind::kCategorical, 2}};
  Eigen::MatrixXd x(40, 2);
  Eigen::VectorXd y(40);
  Rng rng({4});
  for (int i = 0; i < 40; ++i) {
    x.row(i) << rng.Uniform(), i % 2;
    y[i] = i % 2 == 0 ? std::sin(12 * x(i, 0)) : 0.3;
  }
  const GpFit fit = *FitGp(columns, x, y, ScaleOf(y), std::nullopt, {});
  EXPECT_LT(fit.kernel.log_relevance[1], fit.kernel.log_relevance[0] - 1);
}

}  // namespace
}  // namespace qalam::algorithms
