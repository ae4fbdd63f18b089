#include "api/did_you_mean.h"

#include <gtest/gtest.h>

#include <string>

namespace qalam::api {
namespace {

constexpr std::string_view kNames[] = {"min",          "max",           "step",
                                       "distribution", "maxTrialCount", "maxFailedTrialCount"};

TEST(Nearest, FindsOneEditInThreeLetters) {
  EXPECT_EQ(Nearest("mn", kNames), "min");
  EXPECT_EQ(Nearest("Max", kNames), "max");
  EXPECT_EQ(Nearest("setp", kNames), "step");  // a swap is one edit
  EXPECT_EQ(Nearest("distributoin", kNames), "distribution");
  EXPECT_EQ(Nearest("maxTrialsCount", kNames), "maxTrialCount");
}

TEST(Nearest, FindsTheSameBeginning) { EXPECT_EQ(Nearest("maxTrials", kNames), "maxTrialCount"); }

TEST(Nearest, FindsNothingFarAway) {
  EXPECT_EQ(Nearest("", kNames), "");
  EXPECT_EQ(Nearest("x", kNames), "");
  EXPECT_EQ(Nearest("list", kNames), "");
  EXPECT_EQ(Nearest(std::string(100'000, 'm'), kNames), "");
  EXPECT_EQ(Nearest("min", {}), "");
}

TEST(NameHint, ListsTheNamesWhenNoneIsNear) {
  EXPECT_EQ(NameHint("stepp", kNames), "did you mean \"step\"?");
  EXPECT_EQ(NameHint("wibble", std::span(kNames).first(2)), "must be one of min, max");
  EXPECT_EQ(NameHint("wibble", {}), "none is known");
}

}  // namespace
}  // namespace qalam::api
