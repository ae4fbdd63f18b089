#include "algorithms/output_transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qalam::algorithms {
namespace {

TransformedValues Transform(const Eigen::VectorXd& values, double log_k) {
  return TransformValues(values, ScaleOf(values), log_k);
}

Eigen::VectorXd Skewed() {
  Eigen::VectorXd values(6);
  values << 3, 1, 1.5, 40, 700, 2;
  return values;
}

TEST(OutputTransform, StandardisesAndKeepsTheOrder) {
  for (const double log_k : {-7.0, 0.0, 8.0}) {
    const Eigen::VectorXd z = Transform(Skewed(), log_k).z;
    EXPECT_NEAR(z.mean(), 0, 1e-14);
    EXPECT_NEAR(z.squaredNorm() / 6, 1, 1e-13);
    EXPECT_LT(z[1], z[2]);
    EXPECT_LT(z[2], z[5]);
    EXPECT_LT(z[5], z[0]);
    EXPECT_LT(z[0], z[3]);
    EXPECT_LT(z[3], z[4]);
  }
}

TEST(OutputTransform, IsTheIdentityForSmallAndTheLogarithmForLargeCompression) {
  const Eigen::VectorXd values = Skewed();
  const auto ratio = [](const Eigen::VectorXd& z) { return (z[4] - z[0]) / (z[0] - z[5]); };
  EXPECT_NEAR(ratio(Transform(values, -30).z), (700.0 - 3) / (3 - 2), 1e-6);
  EXPECT_NEAR(ratio(Transform(values, 30).z), std::log(699.0 / 2) / std::log(2.0 / 1), 1e-6);
}

TEST(OutputTransform, DoesNotDependOnUnits) {
  const Eigen::VectorXd values = Skewed();
  const Eigen::VectorXd moved = (values.array() * 1e-3 - 77).matrix();
  EXPECT_LT((Transform(values, 1).z - Transform(moved, 1).z).cwiseAbs().maxCoeff(), 1e-9);
}

TEST(OutputTransform, DerivativesMatchDifferences) {
  const double log_k = 0.4, step = 1e-5;
  const TransformedValues at = Transform(Skewed(), log_k);
  const TransformedValues up = Transform(Skewed(), log_k + step), down = Transform(Skewed(), log_k - step);
  EXPECT_LT(((up.z - down.z) / (2 * step) - at.z_by_log_k).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_NEAR((up.log_jacobian - down.log_jacobian) / (2 * step), at.log_jacobian_by_log_k, 1e-8);
}

// The determinant of a monotone map of one value among fixed others cannot be had from differences of z, as
// the mean and sd move along; but log w' - log sd can.
TEST(OutputTransform, JacobianIsThatOfTheCompressionAndTheScale) {
  Eigen::VectorXd values(3);
  values << 0, 1, 4;  // the median's distance is 1: t is the value
  const double k = 0.5;
  const auto w = [k](double t) { return std::log1p(k * t) / k; };
  const double mean = (w(0) + w(1) + w(4)) / 3;
  const double sd =
      std::sqrt((std::pow(w(0) - mean, 2) + std::pow(w(1) - mean, 2) + std::pow(w(4) - mean, 2)) / 3);
  EXPECT_NEAR(Transform(values, std::log(k)).log_jacobian, -std::log(1.5) - std::log(3.0) - 3 * std::log(sd),
              1e-14);
}

TEST(OutputTransform, MeasuresInWhatTheFirstTenLose) {
  Eigen::VectorXd values = Eigen::VectorXd::Constant(40, 1.001);
  values.head(10) << 11, 12, 13, 14, 15, 16, 17, 18, 19, 20;
  values[30] = 1;
  const ValueScale scale = ScaleOf(values);
  EXPECT_EQ(2 * scale.half_least, 1);
  EXPECT_EQ(2 * scale.half_unit, 15);
}

TEST(OutputTransform, TakesAnyFiniteValues) {
  const double huge = std::numeric_limits<double>::max();
  Eigen::VectorXd values(4);
  values << -huge, huge, 0, 1;
  const TransformedValues wide = Transform(values, -1);
  EXPECT_TRUE(wide.z.allFinite() && wide.z_by_log_k.allFinite() && std::isfinite(wide.log_jacobian));
  EXPECT_EQ(Transform(Eigen::VectorXd::Constant(3, 5.0), 0).z, Eigen::VectorXd::Zero(3));
  values << 1, 1, 1, 5;  // the median is the best
  EXPECT_GT(Transform(values, 0).z[3], 1);
}

// The best is 1 and the median of the first ten 1.3, so half a unit is 0.15.
TEST(OutputTransform, FindsTheStepOfMeasuredValues) {
  Eigen::VectorXd values(12);
  values << 1.2, 1.3, 1, 1.3, 1.2, 1.8, 1.3, 1.2, 1.8, 1.8, 1, 1.1 + 1e-12;
  values[0] = 1.3;
  const ValueScale scale = ScaleOf(values);
  EXPECT_NEAR(ResolutionOf(values, scale) * 2 * scale.half_unit, 0.1, 1e-9);
  values.tail(8) << 1.21, 1.31, 1.41, 1.51, 1.61, 1.71, 1.81,
      1.91;  // mostly different: not measured in steps
  EXPECT_EQ(ResolutionOf(values, scale), 0);
  EXPECT_EQ(ResolutionOf(Eigen::VectorXd::Constant(9, 4.0), ScaleOf(Eigen::VectorXd::Constant(9, 4.0))), 0);
}

}  // namespace
}  // namespace qalam::algorithms
