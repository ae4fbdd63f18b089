#include "algorithms/pareto.h"

#include <gmock/gmock.h>

#include <limits>

namespace qalam::algorithms {
namespace {

using ::testing::ElementsAre;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Dominates, AsksForNothingWorseAndSomethingBetter) {
  EXPECT_TRUE(Dominates({1, 2}, {1, 3}));
  EXPECT_FALSE(Dominates({1, 2}, {1, 2}));
  EXPECT_FALSE(Dominates({1, 4}, {2, 3}));
  EXPECT_TRUE(Dominates({1, 2, 3}, {1, 2, 4}));
  EXPECT_TRUE(Dominates({1}, {2}));
}

TEST(ParetoRanks, PeelFrontAfterFront) {
  const std::vector<Losses> points = {{1, 5}, {2, 3}, {4, 1}, {2, 6}, {3, 4}, {5, 5}, {2, 3}};
  EXPECT_THAT(ParetoRanks(points), ElementsAre(0, 0, 0, 1, 1, 2, 0));
}

TEST(ParetoRanks, OfOneObjectiveIsTheOrder) {
  EXPECT_THAT(ParetoRanks(std::vector<Losses>{{3}, {1}, {2}, {1}}), ElementsAre(2, 0, 1, 0));
  EXPECT_TRUE(ParetoRanks({}).empty());
}

TEST(ParetoFront, IsRankZeroInTwoAndThreeObjectives) {
  const std::vector<Losses> two = {{1, 5}, {2, 3}, {4, 1}, {2, 6}, {1, 5}, {1, 6}};
  EXPECT_THAT(ParetoFront(two), ElementsAre(0, 1, 2, 4));
  const std::vector<Losses> three = {{1, 1, 3}, {1, 2, 2}, {2, 2, 2}, {3, 0, 9}};
  EXPECT_THAT(ParetoFront(three), ElementsAre(0, 1, 3));
  EXPECT_TRUE(ParetoFront({}).empty());
}

TEST(CrowdingDistances, AddTheGapsAsSharesOfTheRange) {
  // Ranges 10 and 20; the neighbours of {2, 12} are {0, 20} and {5, 4}.
  const std::vector<Losses> front = {{5, 4}, {0, 20}, {10, 0}, {2, 12}};
  EXPECT_THAT(CrowdingDistances(front),
              ElementsAre(0.8 + 0.6, kInfinity, kInfinity, ::testing::DoubleEq(0.5 + 0.8)));
}

TEST(CrowdingDistances, GiveCopiesNothing) {
  const std::vector<Losses> front = {{0, 2}, {1, 1}, {1, 1}, {2, 0}};
  EXPECT_THAT(CrowdingDistances(front), ElementsAre(kInfinity, 2, 0, kInfinity));
  EXPECT_THAT(CrowdingDistances(std::vector<Losses>{{1, 1}, {1, 1}}), ElementsAre(kInfinity, 0));
}

}  // namespace
}  // namespace qalam::algorithms
