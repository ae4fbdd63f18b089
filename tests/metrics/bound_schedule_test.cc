#include "metrics/bound_schedule.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace qalam::metrics {
namespace {

using testing::HasSubstr;
using testing::Optional;

BoundSchedule Must(std::string_view text, std::string_view trial = "trial") {
  auto schedule = BoundSchedule::Parse(text, trial);
  EXPECT_TRUE(schedule.ok()) << schedule.status();
  return schedule.value_or(BoundSchedule());
}

TEST(BoundSchedule, ABoundHoldsUntilTheNextStep) {
  const BoundSchedule schedule = Must("2:0.9,3 : -5e-1, 9:0.31");
  EXPECT_EQ(schedule.At(1), std::nullopt);
  EXPECT_THAT(schedule.At(2), Optional(0.9));
  EXPECT_THAT(schedule.At(3), Optional(-0.5));
  EXPECT_THAT(schedule.At(8), Optional(-0.5));
  EXPECT_THAT(schedule.At(9), Optional(0.31));
  EXPECT_THAT(schedule.At(1'000'000'000'000), Optional(0.31));
  EXPECT_FALSE(schedule.IsStep(1));
  EXPECT_TRUE(schedule.IsStep(3));
  EXPECT_FALSE(schedule.IsStep(4));
}

TEST(BoundSchedule, TheNameOfTheTrialDrawsOneOfSeveral) {
  std::set<double> drawn;
  int unbounded = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto bound = Must("8* 1:1 | 1* 1:2 | 1*", "trial-" + std::to_string(i)).At(5);
    bound ? static_cast<void>(drawn.insert(*bound)) : static_cast<void>(++unbounded);
  }
  EXPECT_EQ(drawn, (std::set<double>{1, 2}));
  EXPECT_NEAR(unbounded, 100, 50);
  EXPECT_EQ(Must("1:1|1:2|1:3", "one").At(1), Must("1:1|1:2|1:3", "one").At(1));
}

TEST(BoundSchedule, RefusesOtherTexts) {
  const auto refusal = [](std::string_view text) {
    const auto schedule = BoundSchedule::Parse(text, "trial");
    EXPECT_TRUE(absl::IsInvalidArgument(schedule.status())) << text;
    return std::string(schedule.status().message());
  };
  EXPECT_EQ(refusal(""), "there should be at least one STEP:BOUND");
  EXPECT_EQ(refusal("3"),
            "\"3\" should be STEP:BOUND, a whole number from 1 up and a finite number, as in 9:0.31");
  for (const char* text :
       {"0:1", "1.5:1", "1:inf", "1:nan", "1:", ":1", "1:1,", "1:1 2:2", "-1:1", "1:1||x", "a:b"})
    EXPECT_THAT(refusal(text), HasSubstr("should be STEP:BOUND")) << text;
  EXPECT_EQ(refusal("3:1, 3:2"), "step 3 should be greater than 3, the one before");
  for (const char* text : {"0* 1:1 | 1:2", "x* 1:1", "1* 2* 1:1", "9999999999* 1:1"})
    EXPECT_THAT(refusal(text), testing::AnyOf(HasSubstr("weight"), HasSubstr("should be STEP:BOUND")))
        << text;
}

}  // namespace
}  // namespace qalam::metrics
