#include "algorithms/trial_cost.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Real;

const SearchSpace& Line() {
  static const SearchSpace& space = *new SearchSpace(testing::Must(SearchSpace::Make({Real("x", 0, 1)})));
  return space;
}

double At(const std::optional<GaussianProcess>& cost, double x) {
  return cost->Predict(Eigen::MatrixXd::Constant(1, 1, x)).mean[0];
}

void Fail(double x, Observations& seen, bool infeasible = false) {
  seen.failed.push_back({x});
  seen.infeasible.push_back(infeasible);
}

TEST(FailureCost, IsMuchHigherWhereTheProgramSaysThatNothingCanWork) {
  const FeatureEncoding encoding(Line());
  Observations seen;
  for (const double x : {0.1, 0.2, 0.3}) seen.finished.push_back({{x}, 0});
  for (const double x : {0.7, 0.8}) Fail(x, seen, /*infeasible=*/true);
  const auto cost = FailureCost(encoding, seen);
  EXPECT_NEAR(At(cost, 0.75), 40, 4);
  EXPECT_NEAR(At(cost, 0.2), 0, 2);
}

TEST(FailureCost, IsHighAtFailuresAndLowAtSuccesses) {
  const FeatureEncoding encoding(Line());
  Observations seen;
  for (const double x : {0.1, 0.2, 0.3}) seen.finished.push_back({{x}, 0});
  EXPECT_FALSE(FailureCost(encoding, seen).has_value());
  for (const double x : {0.7, 0.8}) Fail(x, seen);
  const auto cost = FailureCost(encoding, seen);
  EXPECT_NEAR(At(cost, 0.75), 6, 0.5);
  EXPECT_NEAR(At(cost, 0.2), 0, 0.5);
  EXPECT_GT(At(cost, 0.5), 1);
  EXPECT_LT(At(cost, 0.5), 5);
}

TEST(FailureCost, GivesBackWhatSucceedsAmongFailures) {
  const FeatureEncoding encoding(Line());
  Observations seen;
  for (const double x : {0.48, 0.52}) Fail(x, seen);
  seen.finished.push_back({{0.1}, 0});
  const double before = At(FailureCost(encoding, seen), 0.5);
  for (const double x : {0.49, 0.5, 0.51}) seen.finished.push_back({{x}, 0});
  EXPECT_LT(At(FailureCost(encoding, seen), 0.5), before - 2);
}

TEST(TimeCost, LearnsTheLogarithmOfSeconds) {
  const FeatureEncoding encoding(Line());
  Observations seen;
  for (int i = 0; i <= 10; ++i) seen.finished.push_back({{i / 10.0}, 0, false, std::exp(i / 2.0)});
  seen.finished.push_back({{0.5}, 0, false, 0});  // unknown
  const auto cost = TimeCost(encoding, seen);
  EXPECT_NEAR(At(cost, 0.9) - At(cost, 0.1), 4, 0.3);
  seen.finished.resize(2);
  EXPECT_FALSE(TimeCost(encoding, seen).has_value());
}

}  // namespace
}  // namespace qalam::algorithms
