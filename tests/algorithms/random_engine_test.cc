#include "algorithms/random_engine.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <vector>

namespace qalam::algorithms {
namespace {

// 16294208416658607535 is the first output of the reference SplitMix64 for seed 0; the others were computed
// by an independent program from the published recurrences.
TEST(HashWords, IsSplitMix64) {
  EXPECT_EQ(HashWords({0}), 16294208416658607535u);
  EXPECT_EQ(HashWords({1, 2, 3}), 16914669369030367833u);
  EXPECT_NE(HashWords({1, 2}), HashWords({2, 1}));
  EXPECT_NE(HashWords({0}), HashWords({0, 0}));
}

TEST(HashText, TellsTextsApart) {
  EXPECT_NE(HashText(""), HashText(std::string_view("\0", 1)));
  EXPECT_NE(HashText("e1"), HashText("e2"));
}

TEST(Rng, IsXoshiro256PlusPlus) {
  Rng rng({7, 1});
  EXPECT_EQ(rng(), 1670385856562252692u);
  EXPECT_EQ(rng(), 13043015784875462378u);
  EXPECT_EQ(rng(), 17752205445864773075u);
}

// Chi-squared over 100 equal cells, 100,000 draws; a false alarm in one of a million seeds.
TEST(Rng, IsUniformAlongAStreamAndAcrossStreams) {
  std::vector<int> along(100), across(100), below(100);
  Rng rng({5});
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    ++along[static_cast<size_t>(rng.Uniform() * 100)];
    ++across[static_cast<size_t>(Rng({5, i}).Uniform() * 100)];
    ++below[rng.Below(100)];
  }
  for (const std::vector<int>& counts : {along, across, below}) {
    double statistic = 0;
    for (const int count : counts) statistic += (count - 1000.0) * (count - 1000.0) / 1000;
    EXPECT_LT(statistic, quantile(complement(boost::math::chi_squared(99), 1e-6)));
  }
}

TEST(Rng, NormalIsStandardNormal) {
  std::vector<int> counts(100);
  Rng rng({9});
  const boost::math::normal normal;
  for (int i = 0; i < 100'000; ++i) ++counts[static_cast<size_t>(cdf(normal, rng.Normal()) * 100)];
  double statistic = 0;
  for (const int count : counts) statistic += (count - 1000.0) * (count - 1000.0) / 1000;
  EXPECT_LT(statistic, quantile(complement(boost::math::chi_squared(99), 1e-6)));
}

TEST(Rng, BelowReachesBothEnds) {
  Rng rng({1});
  EXPECT_EQ(rng.Below(1), 0u);
  bool low = false, high = false;
  for (int i = 0; i < 100; ++i) (rng.Below(2) == 0 ? low : high) = true;
  EXPECT_TRUE(low && high);
}

}  // namespace
}  // namespace qalam::algorithms
