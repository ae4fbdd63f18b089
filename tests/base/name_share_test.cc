#include "base/name_share.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

namespace qalam {
namespace {

TEST(NameShare, FollowsTheWeights) {
  constexpr std::array<std::uint64_t, 4> kWeights = {27, 12, 6, 4};
  constexpr int kNames = 20'000;
  std::array<int, 4> drawn{};
  for (int i = 0; i < kNames; ++i) ++drawn.at(ShareOf("trial-" + std::to_string(i), kWeights));
  for (size_t i = 0; i < kWeights.size(); ++i) {
    const double expected = kNames * static_cast<double>(kWeights[i]) / 49;
    // Five standard deviations of a binomial number: one false alarm in a million.
    EXPECT_NEAR(drawn[i], expected, 5 * std::sqrt(expected)) << i;
  }
}

TEST(NameShare, IsTheSameEverywhereAndEver) {
  constexpr std::array<std::uint64_t, 2> kHalves = {1, 1};
  std::string drawn;
  for (const char* name : {"", "a", "b", "c", "tune-1", "tune-2", "tune-3", "tune-4"})
    drawn += static_cast<char>('0' + ShareOf(name, kHalves));
  EXPECT_EQ(drawn, "10100100");
}

TEST(NameShare, AWeightOfNothingIsNeverDrawn) {
  constexpr std::array<std::uint64_t, 3> kMiddle = {0, 5, 0};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ShareOf(std::to_string(i), kMiddle), 1u);
}

}  // namespace
}  // namespace qalam
