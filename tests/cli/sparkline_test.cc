#include "cli/sparkline.h"

#include <gtest/gtest.h>

#include <limits>

namespace qalam::cli {
namespace {

TEST(Sparkline, MapsTheRangeToEightLevels) {
  EXPECT_EQ(Sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8, true), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(Sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8, false), "_.:-=+*#");
  EXPECT_EQ(Sparkline({-1, 1}, 8, true), "▁█");
}

TEST(Sparkline, ThinsLongCurvesToTheLastValueOfEachStretch) {
  EXPECT_EQ(Sparkline({0, 0, 0, 7, 7, 7}, 2, true), "▁█");
  EXPECT_EQ(Sparkline({0, 9, 7, 1, 2, 3.5}, 2, false), "#_");  // shows 7 and 3.5
}

TEST(Sparkline, HandlesFlatEmptyAndOddValues) {
  EXPECT_EQ(Sparkline({3, 3}, 8, true), "▁▁");
  EXPECT_EQ(Sparkline({}, 8, true), "");
  EXPECT_EQ(Sparkline({1, 2}, 0, true), "");
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Sparkline({nan, inf, -inf}, 8, true), "");
  EXPECT_EQ(Sparkline({0, nan, 1}, 8, true), "▁█");
  const double max = std::numeric_limits<double>::max();
  EXPECT_EQ(Sparkline({-max, max}, 8, true), "▁█");  // the difference alone would overflow
}

}  // namespace
}  // namespace qalam::cli
