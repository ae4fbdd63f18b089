#include "algorithms/density.h"

#include <gtest/gtest.h>

#include <cmath>

namespace qalam::algorithms {
namespace {

Density On(Distribution distribution, double min, double max) {
  return Density(distribution, min, max, min, max);
}

TEST(Density, UniformIsLinear) {
  const Density density = On(Distribution::kUniform, -2, 6);
  EXPECT_DOUBLE_EQ(density.Quantile(0.25), 0);
  EXPECT_DOUBLE_EQ(density.Cdf(4), 0.75);
}

TEST(Density, LogUniformHasItsMedianAtTheGeometricMean) {
  const Density density = On(Distribution::kLogUniform, 1e-5, 1e-1);
  EXPECT_NEAR(density.Quantile(0.5), 1e-3, 1e-17);
  EXPECT_NEAR(density.Quantile(0.25), 1e-4, 1e-18);
  EXPECT_NEAR(density.Cdf(1e-2), 0.75, 1e-15);
}

// Phi(x) = Phi(-3) + u (Phi(3) - Phi(-3)): bounds -3 .. 3 have mean 0 and standard deviation 1.
TEST(Density, NormalIsTruncatedAtThreeStandardDeviations) {
  const Density density = On(Distribution::kNormal, -3, 3);
  EXPECT_NEAR(density.Quantile(0.5), 0, 1e-15);
  EXPECT_NEAR(density.Quantile(0.9), 1.2754222234675783, 1e-13);
  EXPECT_NEAR(density.Quantile(0.01), -2.279357877103891, 1e-13);
  EXPECT_NEAR(density.Quantile(0), -3, 1e-13);
  EXPECT_NEAR(density.Quantile(1), 3, 1e-13);
  EXPECT_NEAR(density.Cdf(1.2754222234675783), 0.9, 1e-14);
}

TEST(Density, LogNormalIsANormalOfTheLogarithm) {
  const Density density = On(Distribution::kLogNormal, std::exp(-3), std::exp(3));
  EXPECT_NEAR(std::log(density.Quantile(0.9)), 1.2754222234675783, 1e-13);
  EXPECT_NEAR(density.Quantile(0.5), 1, 1e-14);
}

TEST(Density, CdfInvertsQuantile) {
  for (const Distribution distribution :
       {Distribution::kUniform, Distribution::kLogUniform, Distribution::kNormal, Distribution::kLogNormal}) {
    const Density density(distribution, 2, 50, 1.5, 50.5);
    for (double u = 0.001; u < 1; u += 0.0499) EXPECT_NEAR(density.Cdf(density.Quantile(u)), u, 1e-12);
    EXPECT_EQ(density.Cdf(1), 0);
    EXPECT_EQ(density.Cdf(-1), 0);
    EXPECT_EQ(density.Cdf(51), 1);
  }
}

TEST(Density, SurvivesBoundsWhoseDifferenceIsInfinite) {
  for (const Distribution distribution : {Distribution::kUniform, Distribution::kNormal}) {
    const Density density = On(distribution, -1.7e308, 1.7e308);
    EXPECT_NEAR(density.Quantile(0.5), 0, 1e295);
    EXPECT_TRUE(std::isfinite(density.Quantile(0.999)));
    EXPECT_NEAR(density.Cdf(0), 0.5, 1e-12);
  }
}

}  // namespace
}  // namespace qalam::algorithms
