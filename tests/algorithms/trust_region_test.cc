#include "algorithms/trust_region.h"

#include <gtest/gtest.h>

#include <limits>

namespace qalam::algorithms {
namespace {

constexpr TrustRegionOptions kOptions = {
    .initial_points = 2, .success_tolerance = 3, .failure_tolerance = 4, .round = 1};

// 10 and 0 span the region; then `steps` more values, each by `step` above the one before.
Eigen::VectorXd Values(int steps, double step) {
  Eigen::VectorXd values(2 + steps);
  values.head(2) << 10, 0;
  for (int i = 0; i < steps; ++i) values[2 + i] = step * (i + 1);
  return values;
}

double Length(const Eigen::VectorXd& values, const TrustRegionOptions& options = kOptions) {
  return ReplayTrustRegion(values, options).length;
}

TEST(TrustRegion, DoublesAfterSuccessesUpToItsMost) {
  EXPECT_EQ(Length(Values(2, -1)), 0.8);
  EXPECT_EQ(Length(Values(3, -1)), 1.6);
  EXPECT_EQ(Length(Values(9, -1)), 1.6);
}

TEST(TrustRegion, HalvesAfterFailures) {
  EXPECT_EQ(Length(Values(3, 1)), 0.8);
  EXPECT_EQ(Length(Values(4, 1)), 0.4);
  EXPECT_EQ(Length(Values(8, 1)), 0.2);
}

TEST(TrustRegion, AnImprovementBelowAThousandthOfTheSpreadIsAFailure) {
  EXPECT_EQ(Length(Values(4, -0.009)), 0.4);
  EXPECT_EQ(Length(Values(3, -0.011)), 1.6);
}

TEST(TrustRegion, ASuccessForgetsFailures) {
  Eigen::VectorXd values(9);
  values << 10, 0, 1, 1, 1, -1, 1, 1, 1;
  EXPECT_EQ(Length(values), 0.8);
}

TEST(TrustRegion, JudgesWholeRounds) {
  TrustRegionOptions options = kOptions;
  options.round = 4;
  Eigen::VectorXd values(14);
  values << 10, 0, 1, 1, 1, -1, 1, -2, 1, 1, -3, 1, 1, 1;
  EXPECT_EQ(Length(values, options), 1.6);
  EXPECT_EQ(Length(values.head(13), options), 0.8) << "the third round is not over";
}

TEST(TrustRegion, BeginsAnewBelowTheLeastLength) {
  // 0.8 is halved seven times to 2^-7 * 0.8 < 2^-7: 28 failures.
  const TrustRegion before = ReplayTrustRegion(Values(27, 1), kOptions),
                    after = ReplayTrustRegion(Values(28, 1), kOptions);
  EXPECT_EQ(before.first, 0);
  EXPECT_EQ(before.length, 0.8 / 64);
  EXPECT_EQ(after.first, 30);
  EXPECT_EQ(after.length, 0.8);
  // The values of the first region do not count any more: 40 is the best of the second.
  Eigen::VectorXd values(35);
  values << Values(28, 1), 50, 40, 39, 38, 37;
  EXPECT_EQ(Length(values), 1.6);
}

TEST(TrustRegion, TakesAnyValues) {
  const double huge = std::numeric_limits<double>::max();
  Eigen::VectorXd values(6);
  values << huge, -huge, huge, huge, huge, huge;
  EXPECT_EQ(Length(values), 0.4);
  EXPECT_EQ(Length(Eigen::VectorXd::Zero(2)), 0.8);
  EXPECT_EQ(Length({}), 0.8);
}

TEST(TrustRegion, BoxHasTheVolumeAndTheProportionsOfTheLengthScales) {
  const Eigen::RowVectorXd centre = Eigen::RowVectorXd::Constant(3, 0.5);
  Eigen::Vector3d log_length(std::log(0.1), std::log(0.4), std::numeric_limits<double>::infinity());
  const Box box = StretchedBox(centre, 0.2, log_length);
  const Eigen::RowVectorXd side = box.upper - box.lower;
  EXPECT_NEAR(side[0] * side[1], 0.04, 1e-14);
  EXPECT_NEAR(side[1] / side[0], 4, 1e-12);
  EXPECT_EQ(side[2], 1);
  log_length << std::log(5), std::log(500), 0;
  const Box flat = StretchedBox(centre, 0.2, log_length);
  EXPECT_NEAR(flat.upper[0], flat.upper[1], 1e-14);
  EXPECT_EQ(StretchedBox(centre, 1.6, Eigen::VectorXd::Zero(3)).upper[1], 1);
}

}  // namespace
}  // namespace qalam::algorithms
