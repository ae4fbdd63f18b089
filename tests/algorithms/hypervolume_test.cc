#include "algorithms/hypervolume.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

TEST(Hypervolume, OfBoxesIsCountedOnce) {
  EXPECT_DOUBLE_EQ(Hypervolume(std::vector<Losses>{{2}, {1}, {4}}, {3}), 2);
  EXPECT_DOUBLE_EQ(Hypervolume(std::vector<Losses>{{1, 3}, {2, 2}, {3, 1}}, {4, 4}), 6);
  EXPECT_DOUBLE_EQ(Hypervolume(std::vector<Losses>{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}, {2, 2, 2}), 7);
  EXPECT_DOUBLE_EQ(Hypervolume(std::vector<Losses>{{0, 0, 0, 1}, {1, 0, 0, 0}}, {2, 2, 2, 2}), 12);
}

TEST(Hypervolume, IgnoresWhatDoesNotDominateTheReference) {
  EXPECT_EQ(Hypervolume({}, {1, 1}), 0);
  EXPECT_EQ(Hypervolume(std::vector<Losses>{{1, 0}, {0, 1}, {-5, 2}}, {1, 1}), 0);
  EXPECT_DOUBLE_EQ(Hypervolume(std::vector<Losses>{{0, 0}, {-9, 1.5}}, {1, 1}), 1);
}

TEST(Hypervolume, IgnoresDominatedPointsAndCopies) {
  const std::vector<Losses> front = {{1, 3}, {2, 2}, {3, 1}, {2, 3}, {2, 2}, {3.5, 3.5}};
  EXPECT_DOUBLE_EQ(Hypervolume(front, {4, 4}), 6);
}

// ZDT1: f2 = 1 - sqrt f1 leaves 1/3 of the unit square undominated. BoTorch gives 120 + 2/3 for this reference.
TEST(Hypervolume, OfAFineFrontOfZdt1IsTheKnownOne) {
  std::vector<Losses> front;
  constexpr int kPoints = 20'000;
  for (int i = 0; i <= kPoints; ++i) {
    const double x = static_cast<double>(i) / kPoints;
    front.push_back({x * x, 1 - x});
  }
  EXPECT_NEAR(Hypervolume(front, {11, 11}), 120 + 2.0 / 3, 1e-4);
}

// DTLZ2: the front is the unit sphere's first octant, the dominated rest of the cube 1.1^3 - pi / 6.
TEST(Hypervolume, OfAFineFrontOfDtlz2IsTheKnownOne) {
  std::vector<Losses> front;
  constexpr int kSteps = 24;
  for (int i = 0; i <= kSteps; ++i) {
    for (int j = 0; j <= kSteps; ++j) {
      const double a = i * std::numbers::pi / 2 / kSteps, b = j * std::numbers::pi / 2 / kSteps;
      front.push_back({std::cos(a) * std::cos(b), std::cos(a) * std::sin(b), std::sin(a)});
    }
  }
  const double known = std::pow(1.1, 3) - std::numbers::pi / 6;
  EXPECT_LT(Hypervolume(front, {1.1, 1.1, 1.1}), known);
  EXPECT_NEAR(Hypervolume(front, {1.1, 1.1, 1.1}), known, 0.04);
}

// By inclusion and exclusion, for up to five points.
double ByInclusion(const std::vector<Losses>& points, const Losses& reference) {
  double volume = 0;
  for (unsigned set = 1; set < 1u << points.size(); ++set) {
    Losses corner(reference.size(), -1e9);
    int size = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      ++size;
      for (size_t j = 0; j < corner.size(); ++j) corner[j] = std::max(corner[j], points[i][j]);
    }
    double box = size % 2 == 1 ? 1 : -1;
    for (size_t j = 0; j < corner.size(); ++j) box *= reference[j] - corner[j];
    volume += box;
  }
  return volume;
}

TEST(Hypervolume, AgreesWithInclusionAndExclusionInUpToSixObjectives) {
  Rng rng({3});
  for (size_t m = 1; m <= 6; ++m) {
    for (int repeat = 0; repeat < 40; ++repeat) {
      std::vector<Losses> points(5, Losses(m));
      // Few levels, so that there are ties.
      for (Losses& p : points) {
        for (double& x : p) x = static_cast<double>(rng.Below(5)) / 5;
      }
      const Losses reference(m, 1);
      EXPECT_NEAR(Hypervolume(points, reference), ByInclusion(points, reference), 1e-12)
          << m << " objectives";
    }
  }
}

}  // namespace
}  // namespace qalam::algorithms
