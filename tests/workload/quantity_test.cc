#include "workload/quantity.h"

#include <gtest/gtest.h>

namespace qalam::workload {
namespace {

TEST(Quantity, ReadsEverySuffixOfKubernetes) {
  EXPECT_EQ(ParseQuantity("2"), 2.0);
  EXPECT_EQ(ParseQuantity("0.5"), 0.5);
  EXPECT_DOUBLE_EQ(*ParseQuantity("500m"), 0.5);
  EXPECT_EQ(ParseQuantity("1k"), 1000.0);
  EXPECT_EQ(ParseQuantity("1Ki"), 1024.0);
  EXPECT_EQ(ParseQuantity("128Mi"), 134217728.0);
  EXPECT_EQ(ParseQuantity("1.5Gi"), 1610612736.0);
  EXPECT_EQ(ParseQuantity("3E"), 3e18);
  EXPECT_EQ(ParseQuantity("1Ei"), 1152921504606846976.0);
  EXPECT_EQ(ParseQuantity("2e9"), 2e9);
  EXPECT_EQ(ParseQuantity("2E3"), 2000.0);
  EXPECT_DOUBLE_EQ(*ParseQuantity("100n"), 1e-7);
}

TEST(Quantity, RefusesOtherTexts) {
  for (const char* text :
       {"", "Mi", "1 Gi", "1KiB", "1mi", "-1", "1e999", "nan", "0x10", "1..2", "e3", "1e"}) {
    EXPECT_EQ(ParseQuantity(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace qalam::workload
