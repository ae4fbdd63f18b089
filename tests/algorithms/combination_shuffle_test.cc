#include "algorithms/combination_shuffle.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/chi_squared.hpp>
#include <set>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::Whole;

TEST(Permutation, MeetsEveryNumberOnce) {
  for (const std::uint64_t size : {1u, 2u, 3u, 5u, 64u, 1000u}) {
    const Permutation permutation(size, 9);
    std::set<std::uint64_t> met;
    for (std::uint64_t i = 0; i < size; ++i) met.insert(permutation(i));
    EXPECT_EQ(met.size(), size);
    EXPECT_EQ(*met.rbegin(), size - 1);
  }
}

TEST(Permutation, StaysInsideTheLargestRange) {
  constexpr std::uint64_t kSize = std::uint64_t{1} << 63;
  const Permutation permutation(kSize, 1);
  std::set<std::uint64_t> met;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t image = permutation(kSize - 1 - i);
    EXPECT_LT(image, kSize);
    met.insert(image);
  }
  EXPECT_EQ(met.size(), 1000u);
}

// All 120 orders of 5 things over 12,000 seeds, expected 100 each: chi-squared with 119 degrees of freedom. A
// false alarm in one of a million seed ranges.
TEST(Permutation, TakesEveryOrderEquallyOftenOverSeeds) {
  std::map<std::vector<std::uint64_t>, int> counts;
  for (std::uint64_t seed = 0; seed < 12'000; ++seed) {
    const Permutation permutation(5, seed);
    ++counts[{permutation(0), permutation(1), permutation(2), permutation(3)}];
  }
  double statistic = (120 - static_cast<double>(counts.size())) * 100;
  for (const auto& [order, count] : counts) statistic += (count - 100.0) * (count - 100.0) / 100;
  EXPECT_LT(statistic, quantile(complement(boost::math::chi_squared(119), 1e-6)));
}

TEST(CombinationShuffle, MeetsEveryCombinationOnce) {
  const SearchSpace space = Must(SearchSpace::Make({Whole("a", 1, 7), Whole("b", 1, 1), Whole("c", 1, 11)}));
  const CombinationShuffle shuffle(space, 3);
  std::set<std::vector<std::uint64_t>> met;
  for (std::uint64_t i = 0; i < 77; ++i) met.insert(shuffle(i));
  EXPECT_EQ(met.size(), 77u);
}

SearchSpace Huge() {  // 10^30 points
  std::vector<Parameter> parameters;
  for (int i = 0; i < 30; ++i) parameters.push_back(Whole("p" + std::to_string(i), 0, 9));
  return Must(SearchSpace::Make(std::move(parameters)));
}

// 2,000 points of 30 digits, each value expected 200 times in each: 30 chi-squared statistics with 9 degrees
// of freedom against the quantile of 1e-7. A false alarm in 3 of a million seeds.
TEST(CombinationShuffle, SpreadsHugeSpacesWithoutRepeating) {
  const CombinationShuffle shuffle(Huge(), 3);
  std::set<std::vector<std::uint64_t>> met;
  std::vector<std::vector<int>> counts(30, std::vector<int>(10));
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::vector<std::uint64_t> digits = shuffle(i);
    for (size_t j = 0; j < 30; ++j) ++counts[j].at(digits[j]);
    met.insert(digits);
  }
  EXPECT_EQ(met.size(), 2000u);
  for (const std::vector<int>& of_digit : counts) {
    double statistic = 0;
    for (const int count : of_digit) statistic += (count - 200.0) * (count - 200.0) / 200;
    EXPECT_LT(statistic, quantile(complement(boost::math::chi_squared(9), 1e-7)));
  }
}

TEST(CombinationShuffle, DependsOnTheSeed) {
  EXPECT_NE(CombinationShuffle(Huge(), 1)(0), CombinationShuffle(Huge(), 2)(0));
}

}  // namespace
}  // namespace qalam::algorithms
