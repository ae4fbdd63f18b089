#include "algorithms/step_grid.h"

#include <gtest/gtest.h>

#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

std::string Last(const StepGrid& grid) { return NumberText(grid.At(grid.size() - 1)); }

TEST(StepGrid,
     KeepsTheEndThatFloatingSumsLose) {  // summing doubles gives 9 values, ending at 0.009000000000000001
  const auto grid = StepGrid::Make(0.001, 0.01, 0.001);
  EXPECT_EQ(grid->size(), 10u);
  EXPECT_EQ(Last(*grid), "0.01");
}

TEST(StepGrid, GivesShortDecimals) {
  const auto grid = StepGrid::Make(0.1, 1.3, 0.1);
  ASSERT_EQ(grid->size(), 13u);
  EXPECT_EQ(NumberText(grid->At(2)), "0.3");
  EXPECT_EQ(NumberText(grid->At(7)), "0.8");
  EXPECT_EQ(NumberText(grid->At(10)), "1.1");
}

TEST(StepGrid, StopsBelowAMaximumThatIsOffTheGrid) {
  const auto grid = StepGrid::Make(0.01, 0.05, 0.03);
  ASSERT_EQ(grid->size(), 2u);
  EXPECT_EQ(Last(*grid), "0.04");
}

TEST(StepGrid, CountsStepsThatAreNoShortDecimals) {
  const auto thirds = StepGrid::Make(0, 1, 1.0 / 3);
  ASSERT_EQ(thirds->size(), 4u);
  EXPECT_EQ(thirds->At(3), 1);
  const auto tenths = StepGrid::Make(1.0 / 3, 1.0 / 3 + 1, 0.1);
  EXPECT_EQ(tenths->size(), 11u);
  EXPECT_LE(tenths->At(10), 1.0 / 3 + 1);
}

TEST(StepGrid, HoldsVerySmallAndVeryLargeSteps) {
  const auto small = StepGrid::Make(1e-9, 5e-9, 1e-9);
  ASSERT_EQ(small->size(), 5u);
  EXPECT_EQ(small->At(4), 5e-9);
  const auto large = StepGrid::Make(-1e300, 1e300, 1e300);
  ASSERT_EQ(large->size(), 3u);
  EXPECT_EQ(large->At(1), 0);
  EXPECT_EQ(large->At(2), 1e300);
  const auto spread = StepGrid::Make(-1.7e308, 1.7e308, 1.7e308);  // max - min is not finite
  EXPECT_EQ(spread->size(), 3u);
}

TEST(StepGrid, RefusesMoreThan2To53Values) {
  EXPECT_FALSE(StepGrid::Make(0, 1, 1e-17));
  EXPECT_FALSE(StepGrid::Make(0, 1, 5e-324));
  EXPECT_FALSE(StepGrid::Make(-1e308, 1e308, 1));
  EXPECT_EQ(StepGrid::Make(0, 1e15, 1)->size(), 1'000'000'000'000'001u);
}

TEST(StepGrid, FindsTheNearestValue) {
  const auto grid = StepGrid::Make(0.1, 0.5, 0.1);
  EXPECT_EQ(grid->Nearest(0.26), 2u);
  EXPECT_EQ(grid->Nearest(-5), 0u);
  EXPECT_EQ(grid->Nearest(1e300), 4u);
  for (std::uint64_t k = 0; k < grid->size(); ++k) EXPECT_EQ(grid->Nearest(grid->At(k)), k);
}

TEST(StepGrid, HoldsOneValueWhenTheStepIsTooLong) { EXPECT_EQ(StepGrid::Make(1, 2, 5)->size(), 1u); }

}  // namespace
}  // namespace qalam::algorithms
