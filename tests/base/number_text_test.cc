#include "base/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qalam {
namespace {

TEST(NumberText, IsPlainBetween1em7And1e16) {
  EXPECT_EQ(NumberText(0.00003), "0.00003");
  EXPECT_EQ(NumberText(1e-7), "0.0000001");
  EXPECT_EQ(NumberText(1.0), "1");
  EXPECT_EQ(NumberText(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(NumberText(-123456789012345), "-123456789012345");
  EXPECT_EQ(NumberText(0.0), "0");
}

TEST(NumberText, HasAnExponentBeyond) {
  EXPECT_EQ(NumberText(2.5e-9), "2.5e-09");
  EXPECT_EQ(NumberText(1e16), "1e+16");
}

TEST(NumberText, ReadsBackToTheSameDouble) {
  for (const double value : {0.1, 1.0 / 3, 6.02214076e23, 5e-324, std::numeric_limits<double>::max()}) {
    EXPECT_EQ(ParseDouble(NumberText(value)), value);
  }
}

TEST(ParseDouble, TakesWholeTextsOnly) {
  EXPECT_EQ(ParseDouble(" +1.5e3 "), 1500);
  EXPECT_EQ(ParseDouble(".5"), 0.5);
  EXPECT_TRUE(std::isnan(*ParseDouble("NaN")));
  EXPECT_EQ(ParseDouble(""), std::nullopt);
  EXPECT_EQ(ParseDouble("1.5x"), std::nullopt);
  EXPECT_EQ(ParseDouble("+-1"), std::nullopt);
}

TEST(ParseInt, RefusesFractionsAndOverflow) {
  EXPECT_EQ(ParseInt("-42"), -42);
  EXPECT_EQ(ParseInt("+7"), 7);
  EXPECT_EQ(ParseInt("1.0"), std::nullopt);
  EXPECT_EQ(ParseInt("9223372036854775808"), std::nullopt);
}

}  // namespace
}  // namespace qalam
