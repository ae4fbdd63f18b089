#include "algorithms/truncated_normal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qalam::algorithms {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NormalMass, MatchesTablesInTheMiddleAndFarOut) {
  EXPECT_NEAR(NormalMass(-kInfinity, kInfinity), 1, 1e-15);
  EXPECT_NEAR(NormalMass(-1, 1), 0.6826894921370859, 1e-15);
  EXPECT_NEAR(NormalMass(0, 1.959963984540054), 0.475, 1e-15);
  // Abramowitz and Stegun, table 26.2: Q(10) = 7.6198530241605e-24.
  EXPECT_NEAR(NormalMass(10, kInfinity) / 7.619853024160526e-24, 1, 1e-12);
  EXPECT_EQ(NormalMass(10, 11), NormalMass(-11, -10));
  EXPECT_EQ(NormalMass(0.3, 0.3), 0);
}

TEST(TruncatedNormalQuantile, InvertsTheMass) {
  for (const auto& [a, b] : {std::pair(-1.0, 2.0),
                             {0.0, 0.01},
                             {-0.01, 0.0},
                             {-50.0, 50.0},
                             {-0.2, 8.0},
                             {3.0, 3.5},
                             {-31.0, -30.0}}) {
    for (const double u : {0.0, 1e-9, 0.1, 0.5, 0.9, 1.0}) {
      const double z = TruncatedNormalQuantile(u, a, b);
      EXPECT_GE(z, a);
      EXPECT_LE(z, b);
      EXPECT_NEAR(NormalMass(a, z) / NormalMass(a, b), u, 1e-12) << a << ' ' << b;
    }
  }
}

TEST(TruncatedNormalQuantile, GivesTheNearEndWhereNoMassIsLeft) {
  EXPECT_EQ(TruncatedNormalQuantile(0.5, 60, 61), 60);
  EXPECT_EQ(TruncatedNormalQuantile(0.5, -61, -60), -60);
}

}  // namespace
}  // namespace qalam::algorithms
