#include "algorithms/bracket_table.h"

#include <gmock/gmock.h>

namespace qalam::algorithms {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

std::vector<std::int64_t> FirstRungs(int levels, double eta) {
  std::vector<std::int64_t> sizes;
  for (const Bracket& bracket : BracketTable(levels, eta)) sizes.push_back(bracket.sizes[0]);
  return sizes;
}

// Table 1 of the paper, but for first rungs, which its algorithm 1 rounds up.
TEST(BracketTable, IsThatOfThePaperForEightyOne) {
  const std::vector<Bracket> table = BracketTable(5, 3);
  ASSERT_EQ(table.size(), 5u);
  EXPECT_THAT(table[0].sizes, ElementsAre(81, 27, 9, 3, 1));
  EXPECT_THAT(table[1].sizes, ElementsAre(34, 11, 3, 1));
  EXPECT_THAT(table[2].sizes, ElementsAre(15, 5, 1));
  EXPECT_THAT(table[3].sizes, ElementsAre(8, 2));
  EXPECT_THAT(table[4].sizes, ElementsAre(5));
  for (int b = 0; b < 5; ++b) EXPECT_EQ(table[b].first_level, b);
}

// A floating-point logarithm of 243 to base 3 is below 5 and loses a bracket.
TEST(BracketTable, HasSixBracketsForTwoHundredAndFortyThree) {
  EXPECT_THAT(ResourceLevels(1, 243, 3), ElementsAre(1, 3, 9, 27, 81, 243));
  EXPECT_THAT(FirstRungs(6, 3), ElementsAre(243, 98, 41, 18, 9, 6));
}

TEST(BracketTable, CountsEveryPowerOfEveryWholeEta) {
  for (const int eta : {2, 3, 4, 5, 7, 10}) {
    std::int64_t power = 1;
    for (int s = 0; power <= 1'000'000'000; ++s, power *= eta) {
      EXPECT_EQ(ResourceLevels(1, static_cast<double>(power), eta).size(), s + 1u) << eta << "^" << s;
      EXPECT_EQ(FirstRungs(s + 1, eta)[0], power);
      if (power > 2) {
        EXPECT_EQ(ResourceLevels(1, static_cast<double>(power - 1), eta).size(), static_cast<size_t>(s));
      }
    }
  }
}

TEST(BracketTable, TakesFractionalEtasAndResources) {
  EXPECT_THAT(ResourceLevels(1, 1.331, 1.1),
              ElementsAre(DoubleNear(1, 1e-12), DoubleNear(1.1, 1e-12), DoubleNear(1.21, 1e-12), 1.331));
  EXPECT_THAT(ResourceLevels(0.01, 0.5, 5), ElementsAre(0.02, 0.1, 0.5));
  EXPECT_THAT(ResourceLevels(2, 2, 3), ElementsAre(2));
  EXPECT_THAT(FirstRungs(3, 2.5), ElementsAre(7, 4, 3));  // ceil(6.25), ceil(3.75), 3
}

TEST(BracketTable, EndlessBracketsStayCountable) {
  EXPECT_THAT(FirstRungs(2, 1e300), ElementsAre(std::int64_t{1} << 62, 2));
}

TEST(BracketTable, SharesAreRoundedDown) {
  EXPECT_EQ(TopShare(2, 3), 0);
  EXPECT_EQ(TopShare(3, 3), 1);
  EXPECT_EQ(TopShare(8, 3), 2);
  EXPECT_EQ(TopShare(11, 1.1), 10);
  EXPECT_EQ(TopShare(0, 3), 0);
}

}  // namespace
}  // namespace qalam::algorithms
