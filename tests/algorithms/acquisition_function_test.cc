#include "algorithms/acquisition_function.h"

#include <gtest/gtest.h>

#include <cmath>

namespace qalam::algorithms {
namespace {

double Scale(double x) { return std::max(1.0, std::fabs(x)); }

// mpmath 1.3.0 with 60 digits and more: log h, Phi / h, log Phi, phi / Phi.
TEST(AcquisitionFunction, MatchesHighPrecisionFromTheCentreToTheFarTail) {
  struct Reference {
    double z, log_h, h_slope, log_cdf, cdf_slope;
  };
  const Reference references[] = {
      {-1e6, -500000000028.54996, 1000000.000002, -500000000014.734449, 1000000.000001},
      {-1000, -500014.734452091158, 1000.00199999400004, -500007.826694812184, 1000.00099999800001},
      {-100, -5010.12957880024979, 100.019994004195865, -5005.52420869420509, 100.009998000999261},
      {-40, -808.29856835661996, 40.0499066576485182, -804.608442013753788, 40.0249688472072637},
      {-10, -55.5531220361223559, 10.1943830334125533, -53.2312851505124706, 10.098093233962512},
      {-5, -16.7443011626609901, 5.36181624128808853, -15.0649983939887257, 5.18650396712584212},
      {-3.5, -9.74681003776538674, 3.97786295624094563, -8.36606530834409293, 3.75139126485769973},
      {-3.0000001, -7.8696864128367841, 3.53233760566473916, -6.60772654982021915, 3.28309874787451783},
      {-2.9, -7.52084649288787322, 3.44453272941333153, -6.28405823494741842, 3.19031513954298191},
      {-1, -2.48512102571264134, 1.90427123332969182, -1.84102164500926351, 1.52513527616098121},
      {0, -0.918938533204672742, 1.25331413731550025, -0.693147180559945309, 0.797884560802865356},
      {1.5, 0.424814556762259296, 0.610206403670761506, -0.069143455612233983, 0.138789750458850756},
      {8, 2.07944154167983594, 0.124999999999999921, -6.22096057427178606e-16, 5.05227108353689543e-15},
  };
  for (const Reference& r : references) {
    const ValueAndSlope h = LogExpectedImprovementRatio(r.z), cdf = LogNormalCdf(r.z);
    EXPECT_NEAR(h.value, r.log_h, 1e-13 * Scale(r.log_h)) << r.z;
    EXPECT_NEAR(h.slope, r.h_slope, 1e-12 * Scale(r.h_slope)) << r.z;
    EXPECT_NEAR(cdf.value, r.log_cdf, 1e-13 * std::fabs(r.log_cdf)) << r.z;
    EXPECT_NEAR(cdf.slope, r.cdf_slope, 1e-12 * r.cdf_slope) << r.z;
  }
}

TEST(AcquisitionFunction, HasNoStepWhereTheFormulaChanges) {
  const double below = std::nextafter(-3.0, -4);
  EXPECT_NEAR(LogExpectedImprovementRatio(below).value, LogExpectedImprovementRatio(-3).value, 1e-13);
  EXPECT_NEAR(LogExpectedImprovementRatio(below).slope, LogExpectedImprovementRatio(-3).slope, 1e-12);
  EXPECT_NEAR(LogNormalCdf(below).value, LogNormalCdf(-3).value, 1e-13);
}

TEST(AcquisitionFunction, IsExpectedImprovementInClosedForm) {
  // sd (z Phi(z) + phi(z)) with z = -0.25: mean 1, sd 2, best 0.5.
  EXPECT_NEAR(Evaluate(AcquisitionKind::kLogExpectedImprovement, 1, 4, 0.5).value,
              std::log(2 * (-0.25 * 0.40129367431707627 + 0.38666811680284924)), 1e-14);
  EXPECT_NEAR(Evaluate(AcquisitionKind::kLogProbabilityOfImprovement, 1, 4, 0.5).value,
              std::log(0.40129367431707627), 1e-14);
  EXPECT_NEAR(Evaluate(AcquisitionKind::kLowerConfidenceBound, 1, 4, 0.5).value, 2.92, 1e-14);
}

TEST(AcquisitionFunction, DerivativesMatchDifferences) {
  for (const auto kind :
       {AcquisitionKind::kLogExpectedImprovement, AcquisitionKind::kLogProbabilityOfImprovement,
        AcquisitionKind::kLowerConfidenceBound}) {
    for (const double mean : {-2.0, 0.3, 4.0, 30.0}) {
      const double variance = 0.7, step = 1e-5;
      const auto at = [&](double m, double v) { return Evaluate(kind, m, v, 0.1).value; };
      const Acquisition a = Evaluate(kind, mean, variance, 0.1);
      const double by_mean = (at(mean + step, variance) - at(mean - step, variance)) / (2 * step);
      const double by_variance = (at(mean, variance + step) - at(mean, variance - step)) / (2 * step);
      EXPECT_NEAR(a.by_mean, by_mean, 1e-7 * Scale(by_mean)) << mean;
      EXPECT_NEAR(a.by_variance, by_variance, 1e-7 * Scale(by_variance)) << mean;
    }
  }
}

TEST(AcquisitionFunction, StaysFiniteWithoutVariance) {
  const Acquisition a = Evaluate(AcquisitionKind::kLogExpectedImprovement, 1, 0, 0);
  EXPECT_TRUE(std::isfinite(a.value) && std::isfinite(a.by_mean));
  EXPECT_EQ(a.by_variance, 0);
}

}  // namespace
}  // namespace qalam::algorithms
