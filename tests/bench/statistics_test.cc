#include "bench/statistics.h"

#include <gmock/gmock.h>

#include <cmath>

#include "bench/median.h"
#include "bench/score.h"

namespace qalam::bench {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

// Three positive ranks out of three have one sign pattern in eight on each side.
TEST(Wilcoxon, IsExactForFewDifferences) {
  EXPECT_DOUBLE_EQ(WilcoxonPValue(std::vector{1.0, 2.0, 3.0}), 0.25);
  EXPECT_DOUBLE_EQ(WilcoxonPValue(std::vector{-1.0, -2.0, -3.0}), 0.25);
  EXPECT_DOUBLE_EQ(WilcoxonPValue(std::vector{1.0, -2.0, 3.0}),
                   0.75);  // negative sum 2: {}, {1}, {2} of 8, twice
  EXPECT_DOUBLE_EQ(WilcoxonPValue(std::vector{1.0, 0.0, 2.0, 0.0, 3.0}), 0.25);
  EXPECT_DOUBLE_EQ(WilcoxonPValue(std::vector{0.0, 0.0}), 1);
  // Ranks 1.5, 1.5, 3; the negative one has 1.5: {}, {1.5}, {1.5} of 8, twice.
  EXPECT_DOUBLE_EQ(WilcoxonPValue(std::vector{1.0, -1.0, 2.0}), 0.75);
}

// scipy.stats.wilcoxon of depression scores, Hollander and Wolfe's example: sum of the smaller side 5 of nine
// pairs, P = 2 * 10 / 512.
TEST(Wilcoxon, AgreesWithATextbook) {
  EXPECT_NEAR(WilcoxonPValue(std::vector{0.952, -0.147, 1.022, 0.430, 0.620, 0.590, 0.490, -0.080, 0.010}),
              0.0390625, 1e-12);
}

TEST(Wilcoxon, ApproximatesWellForManyDifferences) {
  std::vector<double> differences;
  for (int i = 1; i <= 200; ++i) differences.push_back(i % 5 < 2 ? -i : i);
  const double exact = WilcoxonPValue(differences);
  differences.push_back(1e-9);  // rank 1: one more pattern than the exact method takes
  EXPECT_NEAR(WilcoxonPValue(differences) / exact, 1, 0.05);
}

TEST(Holm, MultipliesStepByStepAndKeepsTheOrder) {
  EXPECT_THAT(HolmAdjusted(std::vector{0.01, 0.04, 0.03, 0.5}),
              ElementsAre(DoubleNear(0.04, 1e-12), DoubleNear(0.09, 1e-12), DoubleNear(0.09, 1e-12), 0.5));
}

// Table 6 of Demsar 2006: mean ranks 3.143, 2.000, 2.893, 1.964 over 14 data sets give F = 3.69 with 3 and 39
// degrees of freedom. The ranks of the table, data set by data set:
TEST(Friedman, AgreesWithDemsarsExample) {
  const std::vector<std::vector<double>> ranks = {
      {4, 3, 2, 1}, {1, 2, 3, 4}, {4, 1, 2, 3},         {4, 2, 3, 1}, {2, 1, 4, 3},
      {4, 3, 1, 2}, {2, 1, 4, 3}, {2.5, 2.5, 2.5, 2.5}, {4, 2, 3, 1}, {3, 2, 4, 1},
      {4, 2, 3, 1}, {3, 2, 4, 1}, {2.5, 2.5, 2.5, 2.5}, {4, 2, 3, 1}};
  const double p = FriedmanPValue(ranks);
  EXPECT_GT(p, 0.005);  // F(3, 39) = 3.69 is p = 0.020; the correction for ties makes it smaller
  EXPECT_LT(p, 0.03);
}

TEST(Friedman, KnowsTheExtremes) {
  EXPECT_EQ(FriedmanPValue(std::vector<std::vector<double>>(5, {1, 2, 3})), 0);
  EXPECT_EQ(FriedmanPValue(std::vector<std::vector<double>>(5, {2, 2, 2})), 1);
  EXPECT_NEAR(FriedmanPValue(std::vector<std::vector<double>>{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}), 1, 1e-12);
}

TEST(Ranks, ShareTies) { EXPECT_THAT(Ranks(std::vector{0.5, 0.1, 0.5, 0.9}), ElementsAre(2.5, 1, 2.5, 4)); }

TEST(Quantiles, InterpolateBetweenValues) {
  EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(Median({3, 1}), 2);
  EXPECT_DOUBLE_EQ(Median({7}), 7);
}

TEST(Score, IsNoneForARandomPointAndOneForTheOptimum) {
  EXPECT_DOUBLE_EQ(Score(5, 5), 0);
  EXPECT_DOUBLE_EQ(Score(50, 5), 0);
  EXPECT_DOUBLE_EQ(Score(0, 5), 1);
  EXPECT_NEAR(Score(0.5, 5), 1 - std::log(101.0) / std::log(1001.0), 1e-12);
}

}  // namespace
}  // namespace qalam::bench
