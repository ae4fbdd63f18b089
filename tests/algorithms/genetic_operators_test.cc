#include "algorithms/genetic_operators.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace qalam::algorithms {
namespace {

constexpr int kDraws = 20'000;

// Far from the bounds the distance of the children is beta times that of the parents with density 0.5 (n + 1) beta^n below 1 and
// 0.5 (n + 1) beta^-(n + 2) above, so half of them lie between their parents.
TEST(SimulatedBinaryCrossover, SpreadsChildrenAsItsDensitySays) {
  Rng rng({1});
  int inside = 0, near = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double child = SimulatedBinaryCrossover(0.499, 0.501, 2, rng);
    const double beta = std::abs(child - 0.5) / 0.001;
    inside += beta < 1;
    near += beta < 0.5;  // 0.5^3 / 2 = 1/16
  }
  EXPECT_NEAR(inside / double{kDraws}, 0.5, 4 * std::sqrt(0.25 / kDraws));
  EXPECT_NEAR(near / double{kDraws}, 1.0 / 16, 4 * std::sqrt(0.0586 / kDraws));
}

TEST(SimulatedBinaryCrossover, StaysWithinTheBoundsWithoutPilingUpThere) {
  Rng rng({2});
  std::vector<double> children(kDraws);
  for (double& child : children) child = SimulatedBinaryCrossover(0.02, 0.9, 1, rng);
  const auto [low, high] = std::minmax_element(children.begin(), children.end());
  EXPECT_GE(*low, 0);
  EXPECT_LE(*high, 1);
  EXPECT_EQ(std::count(children.begin(), children.end(), 0.0), 0);
  EXPECT_EQ(std::count(children.begin(), children.end(), 1.0), 0);
}

TEST(SimulatedBinaryCrossover, OfEqualParentsIsTheParent) {
  Rng rng({3});
  EXPECT_EQ(SimulatedBinaryCrossover(0.3, 0.3, 15, rng), 0.3);
  EXPECT_EQ(SimulatedBinaryCrossover(1, 1, 15, rng), 1);
}

// P(step < s) = (1 - (1 - s)^(n + 1)) / 2 upwards from 0.5 where the bound is far: here with the exact bounded form at x = 0.
TEST(PolynomialMutation, StepsAsItsDensitySays) {
  Rng rng({4});
  int small = 0, moved = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = PolynomialMutation(0, 20, rng);
    EXPECT_GE(x, 0);
    EXPECT_LE(x, 1);
    moved += x > 0;
    small += x > 0 && x < 0.05;
  }
  // Up from 0 with probability 1/2; then 1 - (2 (1 - u))^(1/21) < 0.05 when 2 (1 - u) > 0.95^21.
  EXPECT_NEAR(moved / double{kDraws}, 0.5, 4 * std::sqrt(0.25 / kDraws));
  EXPECT_NEAR(small / double{kDraws}, (1 - std::pow(0.95, 21)) / 2, 4 * std::sqrt(0.25 / kDraws));
}

}  // namespace
}  // namespace qalam::algorithms
