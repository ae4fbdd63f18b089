#include "algorithms/matern52.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qalam::algorithms {
namespace {

// Rasmussen and Williams, Gaussian Processes for Machine Learning, equation 4.17, in extended precision.
TEST(Matern52, MatchesTheFormula) {
  const Eigen::ArrayXd r = Eigen::ArrayXd::LinSpaced(100'003, 0, 40);
  Eigen::ArrayXd value(r.size()), slope(r.size());
  Matern52(r, value, slope);
  long double worst = 0;
  for (Eigen::Index i = 0; i < r.size(); ++i) {
    const long double u = std::sqrt(5.0L) * r[i], e = std::exp(-u);
    const long double expected_value = (1 + u + u * u / 3) * e, expected_slope = (1 + u) * e * 5 / 3;
    // exp(-u) magnifies the rounding of u by u itself.
    const long double scale = (1 + u) * std::numeric_limits<double>::epsilon();
    worst = std::max({worst, std::abs(value[i] / expected_value - 1) / scale,
                      std::abs(slope[i] / expected_slope - 1) / scale});
  }
  EXPECT_LT(worst, 3);
}

TEST(Matern52, IsOneAtZeroAndVanishesFarAway) {
  Eigen::ArrayXd r(4), value(4), slope(4);
  r << 0, 300, 1e10, std::numeric_limits<double>::quiet_NaN();
  Matern52(r, value, slope);
  EXPECT_EQ(value[0], 1);
  EXPECT_EQ(slope[0], 5.0 / 3);
  EXPECT_LT(value[1], 1e-280);
  EXPECT_LT(value[2], 1e-280);
  EXPECT_TRUE(std::isnan(value[3]));
}

// Vector instructions take several entries at once: the rest must come out the same.
TEST(Matern52, DoesNotDependOnThePlaceOfAnEntry) {
  const Eigen::ArrayXd r = Eigen::ArrayXd::LinSpaced(37, 0.1, 5);
  Eigen::ArrayXd value(37), slope(37), one_value(1), one_slope(1);
  Matern52(r, value, slope);
  for (Eigen::Index i = 0; i < r.size(); ++i) {
    Matern52(r.segment(i, 1), one_value, one_slope);
    EXPECT_EQ(one_value[0], value[i]);
    EXPECT_EQ(one_slope[0], slope[i]);
  }
}

}  // namespace
}  // namespace qalam::algorithms
