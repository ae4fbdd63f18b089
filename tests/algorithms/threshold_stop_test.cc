#include "algorithms/threshold_stop.h"

#include <gmock/gmock.h>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;

std::string Refusal(const Settings& settings) {
  const absl::Status status = threshold_stop::Validate(settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

StoppingRule RuleOf(Settings settings, Direction direction = Direction::kMinimize) {
  Problem problem;
  problem.objectives = {{"loss", direction}};
  problem.settings = std::move(settings);
  return Must(Must(threshold_stop::Create(problem))->Rules({})).at(0);
}

TEST(ThresholdStop, RefusesWhatIsNoThreshold) {
  EXPECT_EQ(Refusal({}), "value must be given: the number to compare with");
  EXPECT_EQ(Refusal({{"value", "inf"}}), "failed to validate value(inf): not a number");
  EXPECT_EQ(Refusal({{"value", "1"}, {"comparison", "equal"}}),
            "comparison must be less or greater, got 'equal'");
  EXPECT_EQ(Refusal({{"value", "1"}, {"start_step", "0"}}),
            "start_step must be greater or equal than one (>=1)");
  EXPECT_EQ(Refusal({{"value", "1"}, {"limit", "1"}}), "unknown setting limit for algorithm threshold");
  EXPECT_EQ(Refusal({{"value", "1"}, {"metric", ""}}), "metric must be the name of a metric, got ''");
}

TEST(ThresholdStop, RefusesToGuessWhichSideOfAnotherMetricIsWorse) {
  EXPECT_EQ(Refusal({{"value", "8"}, {"metric", "memory"}}),
            "comparison must be given with metric: on which side of value 'memory' is worse");
  const StoppingRule rule = RuleOf({{"value", "8"}, {"metric", "memory"}, {"comparison", "greater"}});
  EXPECT_EQ(rule.metric, "memory");
  EXPECT_EQ(rule.comparison, Comparison::kGreater);
}

TEST(ThresholdStop, StopsOnTheWorseSideOfTheObjective) {
  const StoppingRule rule = RuleOf({{"value", "0.5"}, {"start_step", "7"}});
  EXPECT_EQ(rule.metric, "loss");
  EXPECT_EQ(rule.value, 0.5);
  EXPECT_EQ(rule.comparison, Comparison::kGreater);
  EXPECT_EQ(rule.start_step, 7);
  EXPECT_EQ(RuleOf({{"value", "0.5"}}, Direction::kMaximize).comparison, Comparison::kLess);
  EXPECT_EQ(RuleOf({{"value", "0.5"}, {"comparison", "less"}}).comparison, Comparison::kLess);
  EXPECT_EQ(RuleOf({{"value", "0.5"}}).start_step, 1);
}

TEST(ThresholdStop, NeedsAnObjectiveUnlessItNamesAMetric) {
  Problem problem;
  problem.settings = {{"value", "1"}};
  EXPECT_EQ(threshold_stop::Create(problem).status().message(), "threshold needs an objective, got none");
  problem.settings = {{"value", "1"}, {"metric", "memory"}, {"comparison", "greater"}};
  EXPECT_TRUE(threshold_stop::Create(problem).ok());
}

}  // namespace
}  // namespace qalam::algorithms
