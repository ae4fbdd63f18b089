#include "algorithms/settings.h"

#include <gmock/gmock.h>

namespace qalam::algorithms {
namespace {

std::string Message(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(CheckSettingNames, NamesSettingAndAlgorithm) {
  const Settings settings = {{"random_state", "1"}, {"unknown_conf", "1111"}};
  EXPECT_EQ(Message(CheckSettingNames(settings, "random", {"random_state"})),
            "unknown setting unknown_conf for algorithm random");
  EXPECT_TRUE(CheckSettingNames(settings, "random", {"random_state", "unknown_conf"}).ok());
}

TEST(FindSetting, TakesTheLastOfOneName) { EXPECT_EQ(FindSetting({{"a", "1"}, {"a", "2"}}, "a"), "2"); }

TEST(IntSetting, FollowsPythonsRules) {
  const auto read = [](std::string text) { return IntSetting({{"n", std::move(text)}}, "n"); };
  EXPECT_EQ(*read(" 12 "), 12);
  EXPECT_EQ(*read("1_000"), 1000);
  EXPECT_EQ(*read("-3"), -3);
  EXPECT_EQ(*IntSetting({}, "n"), std::nullopt);
  for (const char* bad : {"", " ", "1.0", "aaa", "_1", "1_", "1__0", "0x10", "99999999999999999999"}) {
    EXPECT_THAT(Message(read(bad).status()),
                ::testing::StartsWith("failed to validate n(" + std::string(bad) + "): "));
  }
}

TEST(DoubleSetting, TakesFiniteNumbers) {
  const auto read = [](std::string text) { return DoubleSetting({{"x", std::move(text)}}, "x"); };
  EXPECT_EQ(*read(" 1e-3 "), 1e-3);
  EXPECT_EQ(*read("-7"), -7);
  EXPECT_EQ(*DoubleSetting({}, "x"), std::nullopt);
  for (const char* bad : {"", "nan", "-inf", "1e999", "aaa"}) {
    EXPECT_THAT(Message(read(bad).status()),
                ::testing::StartsWith("failed to validate x(" + std::string(bad) + "): "));
  }
}

TEST(SeedFrom, ReadsEitherNameAndPrefersSeed) {
  EXPECT_EQ(*SeedFrom({{"random_state", "71"}}, "e"), 71u);
  EXPECT_EQ(*SeedFrom({{"seed", "7"}}, "e"), 7u);
  EXPECT_EQ(*SeedFrom({{"seed", "7"}, {"random_state", "71"}}, "e"), 7u);
}

TEST(SeedFrom, RefusesNegativeSeedsWithTheKnownText) {
  EXPECT_EQ(Message(SeedFrom({{"random_state", "-1"}}, "e").status()),
            "random_state should be great or equal than zero");
  EXPECT_EQ(Message(SeedFrom({{"seed", "-1"}}, "e").status()), "seed should be great or equal than zero");
}

TEST(SeedFrom, DerivesFromTheNameOtherwise) {
  EXPECT_EQ(*SeedFrom({}, "digits"), *SeedFrom({}, "digits"));
  EXPECT_NE(*SeedFrom({}, "digits"), *SeedFrom({}, "digits2"));
}

}  // namespace
}  // namespace qalam::algorithms
