#include "metrics/stop_rule_set.h"

#include <gmock/gmock.h>

#include "metrics/timestamps.h"

namespace qalam::metrics {
namespace {

using api::Comparison;
using api::EarlyStoppingRule;
using api::MetricStrategyType;
using api::ObjectiveType;
using api::RuleEvaluation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

api::ObjectiveSpec Objective(ObjectiveType type = ObjectiveType::kMinimize,
                             MetricStrategyType strategy = MetricStrategyType::kUnset) {
  return {.type = type,
          .objective_metric_name = "loss",
          .additional_metric_names = {"speed"},
          .metric_strategies = {{"loss", strategy}}};
}

StopRuleSet Rules(const std::vector<EarlyStoppingRule>& rules,
                  const api::ObjectiveSpec& objective = Objective(),
                  RuleEvaluation evaluation = RuleEvaluation::kEvery) {
  StopRuleSet set(objective, evaluation, "trial");
  EXPECT_TRUE(set.SetRules(rules).ok());
  return set;
}

bool Report(StopRuleSet& set, std::string metric, std::string value) {
  return set.Add({std::string(kZeroTime), std::move(metric), std::move(value)});
}

// The number of the report of loss, from 1, with which the set has fired; 0 if it has not.
int FiresAt(StopRuleSet set, const std::vector<double>& losses) {
  for (size_t i = 0; i < losses.size(); ++i) {
    if (Report(set, "loss", std::to_string(losses[i]))) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::string Text(const StopRuleSet& set) {
  std::string text;
  for (const FiredRule& fired : set.Fired()) text += Describe(fired) + "\n";
  return text;
}

constexpr auto kGreater = Comparison::kGreater, kLess = Comparison::kLess, kEqual = Comparison::kEqual;

TEST(StopRuleSetTest, ComparesTheBestValueOfTheObjectiveSoFar) {
  EXPECT_EQ(FiresAt(Rules({{"loss", "0.5", kGreater, 3}}), {0.4, 0.9, 0.9, 0.9}), 0);
  EXPECT_EQ(FiresAt(Rules({{"loss", "0.5", kGreater, 3}}), {0.7, 0.6, 0.9, 0.4}), 3);
  const auto maximize = Objective(ObjectiveType::kMaximize);
  EXPECT_EQ(FiresAt(Rules({{"loss", "0.5", kLess, 3}}, maximize), {0.7, 0.1, 0.1, 0.1}), 0);
  EXPECT_EQ(FiresAt(Rules({{"loss", "0.5", kLess, 3}}, maximize), {0.1, 0.4, 0.2}), 3);
}

TEST(StopRuleSetTest, TheMetricStrategySaysWhatIsBest) {
  const auto latest = Objective(ObjectiveType::kMinimize, MetricStrategyType::kLatest);
  EXPECT_EQ(FiresAt(Rules({{"loss", "0.5", kGreater, 2}}, latest), {0.1, 0.4, 0.6}), 3);
  const auto max = Objective(ObjectiveType::kMinimize, MetricStrategyType::kMax);
  EXPECT_EQ(FiresAt(Rules({{"loss", "0.5", kGreater, 2}}, max), {0.6, 0.4}), 2);
}

TEST(StopRuleSetTest, ComparesTheCurrentValueOfOtherMetrics) {
  StopRuleSet set = Rules({{"speed", "10", kLess, 0}});
  EXPECT_FALSE(Report(set, "speed", "11"));
  EXPECT_FALSE(Report(set, "loss", "1"));
  EXPECT_TRUE(Report(set, "speed", "9.5"));
  EXPECT_EQ(Text(set), "speed 9.5 at report 2 is less than 10\n");
}

TEST(StopRuleSetTest, ComparesAsItIsTold) {
  const std::vector<double> losses = {3, 2, 1};
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kEqual, 0}}), losses), 2);
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kLess, 0}}), losses), 3);
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kGreater, 0}}), losses), 1);
  EXPECT_EQ(FiresAt(Rules({{"loss", " 2.0e0 ", kEqual, 0}}), losses), 2);
}

TEST(StopRuleSetTest, ChecksFromTheStartStepOn) {
  const std::vector<double> losses = {9, 9, 9, 9};
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kGreater, 0}}), losses), 1);
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kGreater, 1}}), losses), 1);
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kGreater, 4}}), losses), 4);
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kGreater, 5}}), losses), 0);
  EXPECT_EQ(FiresAt(Rules({{"loss", "2", kLess, 2}}), {9, 9, 9, 1}), 4);
}

TEST(StopRuleSetTest, ChecksOnceAtTheStartStepAsKatibDoes) {
  const auto once = [](std::int32_t start_step) {
    return Rules({{"loss", "2", kLess, start_step}}, Objective(), RuleEvaluation::kOnce);
  };
  EXPECT_EQ(FiresAt(once(2), {9, 1}), 2);
  EXPECT_EQ(FiresAt(once(2), {9, 9, 1}), 0);
  EXPECT_EQ(FiresAt(once(0), {9, 9, 1}), 3);
}

TEST(StopRuleSetTest, AllRulesMustHaveFired) {
  StopRuleSet set = Rules({{"loss", "2", kGreater, 0}, {"speed", "5", kLess, 0}});
  EXPECT_FALSE(Report(set, "loss", "3"));
  EXPECT_EQ(set.Fired().size(), 1u);
  EXPECT_FALSE(Report(set, "loss", "1")) << "fired already, and stays so";
  EXPECT_FALSE(set.fired());
  EXPECT_TRUE(Report(set, "speed", "4"));
  EXPECT_TRUE(set.fired());
  EXPECT_EQ(Text(set), "best loss 3 at report 1 is greater than 2\nspeed 4 at report 1 is less than 5\n");
}

TEST(StopRuleSetTest, WithoutRulesNothingFires) {
  StopRuleSet set = Rules({});
  EXPECT_FALSE(Report(set, "loss", "3"));
  EXPECT_THAT(set.Fired(), IsEmpty());
}

TEST(StopRuleSetTest, AValueThatIsNoFiniteNumberIsNoReport) {
  StopRuleSet set = Rules({{"loss", "2", kGreater, 2}});
  for (const char* value : {"", "nan", "inf", "-inf", "unavailable", "1e999"}) {
    EXPECT_FALSE(Report(set, "loss", value)) << value;
  }
  EXPECT_FALSE(Report(set, "loss", "3"));
  EXPECT_TRUE(Report(set, "loss", "3"));
}

TEST(StopRuleSetTest, MetricsThatNobodyNamedAreIgnored) {
  StopRuleSet set = Rules({{"loss", "2", kGreater, 2}});
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Report(set, "other", "9"));
}

TEST(StopRuleSetTest, CountsReportsSinceTheLastImprovement) {
  const EarlyStoppingRule patience{"reports_since_improvement(loss)", "1", kGreater, 0};
  EXPECT_EQ(FiresAt(Rules({patience}), {5, 4, 3, 2, 1}), 0);
  EXPECT_EQ(FiresAt(Rules({patience}), {5, 4, 4, 4}), 4) << "as good as the best is no improvement";
  EXPECT_EQ(FiresAt(Rules({patience}), {5, 6, 4, 6, 3, 6, 6}), 7);
  EXPECT_EQ(FiresAt(Rules({patience}, Objective(ObjectiveType::kMaximize)), {1, 2, 1, 3, 2, 2}), 6);
}

TEST(StopRuleSetTest, CountsImprovementsOfOtherMetricsInTheObjectivesDirection) {
  StopRuleSet set = Rules({{"reports_since_improvement(speed)", "0", kGreater, 0}});
  EXPECT_FALSE(Report(set, "speed", "7"));
  EXPECT_FALSE(Report(set, "speed", "6"));
  EXPECT_TRUE(Report(set, "speed", "8"));
  EXPECT_EQ(Text(set), "reports_since_improvement(speed) 1 at report 3 is greater than 0\n");
}

TEST(StopRuleSetTest, SmallStepsAddUpToAnImprovement) {
  const EarlyStoppingRule patience{"reports_since_improvement( loss , 0.5 )", "2", kGreater, 0};
  EXPECT_EQ(FiresAt(Rules({patience}), {9, 8.75, 8.5, 8.25, 8, 7.75, 7.5, 7.25}), 0);
  EXPECT_EQ(FiresAt(Rules({patience}), {9, 8.75, 8.75, 8.5}), 4) << "by exactly MIN_DELTA is not by more";
}

TEST(StopRuleSetTest, ComparesTheBestValueSoFarWithASchedule) {
  const EarlyStoppingRule rule = {"beyond_schedule(loss, 2:0.9, 4:0.5)", "0", kGreater, 0};
  EXPECT_EQ(FiresAt(Rules({rule}), {3, 2, 1}), 2);
  EXPECT_EQ(FiresAt(Rules({rule}), {3, 0.8, 1, 0.7, 0.4}), 4);
  EXPECT_EQ(FiresAt(Rules({rule}), {3, 0.8, 1, 0.5, 0.9, 0.9}), 0) << "what is as good as the bound goes on";
  const EarlyStoppingRule upwards = {"beyond_schedule(loss, 1:0.2, 2:0.5)", "0", kGreater, 0};
  EXPECT_EQ(FiresAt(Rules({upwards}, Objective(ObjectiveType::kMaximize)), {0.3, 0.5, 0.1}), 0);
  EXPECT_EQ(FiresAt(Rules({upwards}, Objective(ObjectiveType::kMaximize)), {0.3, 0.4, 0.9}), 2);
  const auto latest = Objective(ObjectiveType::kMinimize, MetricStrategyType::kLatest);
  EXPECT_EQ(FiresAt(Rules({rule}, latest), {0.4, 9, 9, 9}), 0) << "the best so far, whatever the strategy";

  StopRuleSet set = Rules({rule});
  Report(set, "loss", "3");
  Report(set, "loss", "2");
  EXPECT_EQ(Text(set), "best loss 2 at report 2 is worse than 0.9\n");
}

TEST(StopRuleSetTest, ASchedulesMarginAndStartStepCount) {
  EXPECT_EQ(FiresAt(Rules({{"beyond_schedule(loss, 1:1, 2:0.5)", "0.25", kGreater, 0}}), {1.2, 0.7, 0.7}), 0);
  EXPECT_EQ(FiresAt(Rules({{"beyond_schedule(loss, 1:1, 2:0.5)", "0.25", kGreater, 0}}), {1.2, 0.8, 0.7}), 2);
  EXPECT_EQ(FiresAt(Rules({{"beyond_schedule(loss, 1:1)", "0", kGreater, 3}}), {2, 2, 2, 2}), 3);
}

TEST(StopRuleSetTest, ChecksASchedulesStepsAloneWhenTold) {
  const EarlyStoppingRule rule = {"beyond_schedule(loss, 2:0.9, 4:0.5)", "0", kGreater, 0};
  const auto once = [&](const std::vector<double>& losses) {
    return FiresAt(Rules({rule}, Objective(), RuleEvaluation::kOnce), losses);
  };
  EXPECT_EQ(once({3, 2, 1}), 2);
  StopRuleSet set = Rules({}, Objective(), RuleEvaluation::kOnce);
  for (const char* loss : {"3", "2", "2"}) Report(set, "loss", loss);
  ASSERT_TRUE(set.SetRules({rule}).ok());
  EXPECT_FALSE(set.fired()) << "report 3 is no step";
  EXPECT_TRUE(Report(set, "loss", "1")) << "report 4 is one";
}

TEST(StopRuleSetTest, SchedulesOfMetricsWithCommas) {
  const api::ObjectiveSpec objective = {.type = ObjectiveType::kMinimize,
                                        .objective_metric_name = "top(k, 5)"};
  StopRuleSet set = Rules({{"beyond_schedule(top(k, 5), 1:0.5)", "0", kGreater, 0}}, objective);
  EXPECT_FALSE(Report(set, "top(k, 5)", "0.5"));
  StopRuleSet other = Rules({{"beyond_schedule(top(k, 5), 1:0.5)", "0", kGreater, 0}}, objective);
  EXPECT_TRUE(Report(other, "top(k, 5)", "0.6"));

  const api::ObjectiveSpec nested = {.type = ObjectiveType::kMinimize,
                                     .objective_metric_name = "loss,val",
                                     .additional_metric_names = {"loss"}};
  StopRuleSet longest = Rules({{"beyond_schedule(loss,val, 1:0.5)", "0", kGreater, 0}}, nested);
  EXPECT_TRUE(Report(longest, "loss,val", "0.6")) << "the longest name that fits is meant";
}

TEST(StopRuleSetTest, AMetricMayLookLikeSomethingDerived) {
  api::ObjectiveSpec objective = Objective();
  objective.objective_metric_name = "top(k, 5)";
  StopRuleSet set = Rules({{"top(k, 5)", "2", kGreater, 0}}, objective);
  EXPECT_TRUE(Report(set, "top(k, 5)", "3"));
  StopRuleSet derived = Rules({{"reports_since_improvement(top(k, 5))", "0", kGreater, 0}}, objective);
  EXPECT_FALSE(Report(derived, "top(k, 5)", "3"));
  EXPECT_TRUE(Report(derived, "top(k, 5)", "3"));
}

TEST(StopRuleSetTest, InvalidRulesAreNamedAndChangeNothing) {
  StopRuleSet set = Rules({{"loss", "2", kGreater, 0}});
  const auto refusal = [&](const EarlyStoppingRule& rule) {
    const absl::Status status = set.SetRules({{"loss", "9", kGreater, 0}, rule});
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(refusal({"loss", "much", kLess, 0}),
            "early-stopping rule on loss: value \"much\" is not a finite number");
  EXPECT_THAT(refusal({"loss", "nan", kLess, 0}), HasSubstr("value \"nan\""));
  EXPECT_THAT(refusal({"loss", "1", kLess, -1}), HasSubstr("startStep -1 must not be negative"));
  EXPECT_EQ(
      refusal({"accuracy", "1", kLess, 0}),
      "early-stopping rule on accuracy: accuracy is not a metric of the experiment, which collects loss, "
      "speed");
  EXPECT_THAT(refusal({"mean(loss)", "1", kLess, 0}), HasSubstr("mean is not known; it may be"));
  for (const char* name : {"reports_since_improvement(loss, x)", "reports_since_improvement(loss, -1)",
                           "reports_since_improvement(loss,)"}) {
    EXPECT_THAT(refusal({name, "1", kLess, 0}), HasSubstr("MIN_DELTA")) << name;
  }
  EXPECT_THAT(refusal({"beyond_schedule(loss)", "0", kGreater, 0}),
              HasSubstr("a schedule must follow the metric"));
  EXPECT_THAT(refusal({"beyond_schedule(loss, 1;2)", "0", kGreater, 0}), HasSubstr("should be STEP:BOUND"));
  EXPECT_THAT(refusal({"beyond_schedule(accuracy, 1:2)", "0", kGreater, 0}),
              HasSubstr("accuracy is not a metric of the experiment"));
  for (const char* name :
       {"", "(", ")", "()", "reports_since_improvement()", "reports_since_improvement(loss"}) {
    refusal({name, "1", kLess, 0});
  }
  EXPECT_THAT(set.rules(), ElementsAre(EarlyStoppingRule{"loss", "2", kGreater, 0}));
  EXPECT_TRUE(Report(set, "loss", "3"));
}

TEST(StopRuleSetTest, NewRulesAreCheckedAtOnceAgainstWhatWasReported) {
  StopRuleSet set = Rules({{"loss", "9", kGreater, 2}});
  Report(set, "loss", "3");
  ASSERT_TRUE(set.SetRules({{"loss", "2", kGreater, 2}}).ok());
  EXPECT_FALSE(set.fired()) << "the start step has not been reached";
  Report(set, "loss", "4");
  EXPECT_TRUE(set.fired());
  ASSERT_TRUE(set.SetRules({{"loss", "3.5", kGreater, 2}}).ok());
  EXPECT_FALSE(set.fired()) << "another rule; the best is 3";
  ASSERT_TRUE(set.SetRules({{"loss", "2.5", kGreater, 2}}).ok());
  EXPECT_TRUE(set.fired());
  EXPECT_EQ(Text(set), "best loss 3 at report 2 is greater than 2.5\n");
}

TEST(StopRuleSetTest, NewRulesThatAreCheckedOnceDoNotLookBack) {
  StopRuleSet set = Rules({}, Objective(), RuleEvaluation::kOnce);
  Report(set, "loss", "3");
  ASSERT_TRUE(set.SetRules({{"loss", "2", kGreater, 1}}).ok());
  EXPECT_FALSE(set.fired());
  EXPECT_FALSE(Report(set, "loss", "4"));
}

TEST(StopRuleSetTest, ARuleThatComesAgainStaysFired) {
  const EarlyStoppingRule slow{"speed", "5", kLess, 0};
  StopRuleSet set = Rules({{"loss", "2", kGreater, 9}, slow});
  Report(set, "speed", "4");
  Report(set, "speed", "6");
  ASSERT_TRUE(set.SetRules({slow, {"loss", "1", kGreater, 9}}).ok());
  EXPECT_EQ(Text(set), "speed 4 at report 1 is less than 5\n");
}

TEST(StopRuleSetTest, NewRulesKnowTheLastImprovement) {
  StopRuleSet set = Rules({});
  for (const char* loss : {"5", "3", "4", "4"}) Report(set, "loss", loss);
  ASSERT_TRUE(set.SetRules({{"reports_since_improvement(loss)", "2", kGreater, 0}}).ok());
  EXPECT_FALSE(set.fired());
  EXPECT_TRUE(Report(set, "loss", "4"));
  ASSERT_TRUE(set.SetRules({{"reports_since_improvement(loss)", "3", kGreater, 0}}).ok());
  EXPECT_FALSE(set.fired());
  EXPECT_TRUE(Report(set, "loss", "4")) << "the count goes on";
}

}  // namespace
}  // namespace qalam::metrics
