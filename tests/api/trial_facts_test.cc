#include "api/trial_facts.h"

#include <gtest/gtest.h>

namespace qalam::api {
namespace {

ObjectiveSpec Objective(MetricStrategyType strategy) {
  ObjectiveSpec objective;
  objective.type = ObjectiveType::kMinimize;
  objective.objective_metric_name = "loss";
  objective.metric_strategies = {{"loss", strategy}};
  return objective;
}

TEST(StateOf, TakesTheFirstOfTheContractsOrder) {
  Trial trial;
  EXPECT_EQ(StateOf(trial), TrialState::kPending);
  const std::pair<std::string_view, TrialState> later_wins[] = {
      {"Created", TrialState::kPending},     {"MetricsUnavailable", TrialState::kMetricsUnavailable},
      {"Running", TrialState::kRunning},     {"EarlyStopped", TrialState::kEarlyStopped},
      {"Succeeded", TrialState::kSucceeded}, {"Failed", TrialState::kFailed},
      {"Killed", TrialState::kKilled},
  };
  for (const auto& [condition, state] : later_wins) {
    SetCondition(trial.status.conditions, condition, true, "r", "m", absl::UnixEpoch());
    EXPECT_EQ(StateOf(trial), state) << condition;
  }
  SetCondition(trial.status.conditions, "Killed", false, "r", "m", absl::UnixEpoch());
  EXPECT_EQ(StateOf(trial), TrialState::kFailed);
}

TEST(IsFinished, IsWhatUsesUpTheBudget) {
  EXPECT_FALSE(IsFinished(TrialState::kPending));
  EXPECT_FALSE(IsFinished(TrialState::kRunning));
  for (const TrialState state : {TrialState::kSucceeded, TrialState::kFailed, TrialState::kKilled,
                                 TrialState::kEarlyStopped, TrialState::kMetricsUnavailable}) {
    EXPECT_TRUE(IsFinished(state));
  }
}

TEST(MetricText, FollowsTheStrategyAndFallsBackToLatest) {
  const Observation observation{{{"loss", "1", "3", "2"}}};
  EXPECT_EQ(MetricText(Objective(MetricStrategyType::kMin), observation, "loss"), "1");
  EXPECT_EQ(MetricText(Objective(MetricStrategyType::kMax), observation, "loss"), "3");
  EXPECT_EQ(MetricText(Objective(MetricStrategyType::kLatest), observation, "loss"), "2");
  for (const char* none : {"unavailable", ""}) {
    const Observation latest_only{{{"loss", none, none, "7"}}};
    EXPECT_EQ(MetricText(Objective(MetricStrategyType::kMin), latest_only, "loss"), "7");
  }
}

TEST(MetricText, IsEmptyWithoutStrategyOrEntry) {
  const Observation observation{{{"loss", "1", "3", "2"}, {"other", "1", "3", "2"}}};
  EXPECT_EQ(MetricText(Objective(MetricStrategyType::kMin), observation, "other"), "");
  EXPECT_EQ(MetricText(Objective(MetricStrategyType::kMin), {}, "loss"), "");
}

TEST(ObjectiveValue, IsAFiniteNumberOrNothing) {
  const ObjectiveSpec objective = Objective(MetricStrategyType::kMin);
  EXPECT_EQ(ObjectiveValue(objective, {{{"loss", "1e-3", "3", "2"}}}), 1e-3);
  for (const char* text : {"nan", "inf", "-inf", "Genotype()", "unavailable", ""}) {
    EXPECT_EQ(ObjectiveValue(objective, {{{"loss", text, text, text}}}), std::nullopt) << text;
  }
  EXPECT_EQ(ObjectiveValue(objective, {}), std::nullopt);
}

TEST(IsBetter, IsStrictAndFollowsTheDirection) {
  EXPECT_TRUE(IsBetter(ObjectiveType::kMinimize, 1, 2));
  EXPECT_FALSE(IsBetter(ObjectiveType::kMinimize, 2, 2));
  EXPECT_TRUE(IsBetter(ObjectiveType::kMaximize, 2, 1));
  EXPECT_FALSE(IsBetter(ObjectiveType::kMaximize, 1, 1));
}

}  // namespace
}  // namespace qalam::api
