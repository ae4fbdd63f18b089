#include "cli/stopping_savings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "cli/read_commands.h"
#include "cli/savings_text.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Of MakeExperiment, which maximises accuracy; trials begin at second 0 and report once in a while.
class StoppingSavingsTest : public ::testing::Test {
 protected:
  StoppingSavingsTest() {
    api::Experiment experiment = MakeExperiment();
    experiment.spec.early_stopping = api::AlgorithmSpec{"medianstop", {}};
    store_.experiments = {experiment};
  }

  api::Experiment& experiment() { return store_.experiments[0]; }

  api::Trial& Add(api::Trial trial, const std::vector<double>& curve) {
    for (const double value : curve) {
      store_.curves[trial.metadata.name].push_back({"0001-01-01T00:00:00Z", "loss", "7"});
      store_.curves[trial.metadata.name].push_back(
          {"0001-01-01T00:00:00Z", "accuracy", std::to_string(value)});
    }
    return store_.trials.emplace_back(std::move(trial));
  }
  api::Trial& Finished(int seconds, const std::vector<double>& curve) {
    return Add(Succeeded(Started(MakeTrial(NextName()), 0), seconds, "0.5"), curve);
  }
  api::Trial& Stopped(int seconds, const std::vector<double>& curve) {
    api::Trial trial = Started(MakeTrial(NextName()), 0);
    AddCondition(trial.status.conditions, "EarlyStopped", At(seconds), "TrialEarlyStopped", "stopped");
    return Add(std::move(trial), curve);
  }
  static void GiveRule(api::Trial& trial, const std::string& value, int start_step,
                       api::Comparison comparison = api::Comparison::kLess,
                       const std::string& metric = "accuracy") {
    trial.spec.early_stopping_rules = {{metric, value, comparison, start_step}};
  }

  StoppingSavings Estimate() {
    std::vector<TrialPtr> trials = *store_.Trials(experiment());
    const auto savings = EstimateSavings(
        experiment(), trials,
        [&](const api::Trial& trial, const auto& point) { return store_.Curve(trial, point); }, At(100));
    EXPECT_TRUE(savings.ok()) << savings.status();
    return savings.value().value();
  }

  std::string NextName() { return "quick-" + std::to_string(store_.trials.size()); }

  FakeReadStore store_;
};

TEST_F(StoppingSavingsTest, ThereIsNoneWithoutEarlyStopping) {
  experiment().spec.early_stopping.reset();
  const auto read = [](const api::Trial&, const auto&) { return absl::UnavailableError("not to be read"); };
  const auto savings = EstimateSavings(experiment(), {}, read, At(0));
  ASSERT_TRUE(savings.ok());
  EXPECT_FALSE(savings->has_value());
}

TEST_F(StoppingSavingsTest, AStoppedTrialWouldHaveLastedAsLongOrReportedAsOften) {
  Finished(20, {0.1, 0.2, 0.3, 0.4});
  GiveRule(Stopped(10, {0.1}), "0.2", 1);  // 10 s a report: 30 s to go, or 10 s if it lasted as long
  const StoppingSavings savings = Estimate();
  EXPECT_EQ(savings.stopped, 1);
  EXPECT_EQ(savings.finished, 1);
  EXPECT_EQ(savings.used, absl::Seconds(30));
  ASSERT_TRUE(savings.saved);
  EXPECT_EQ(savings.saved->likely, absl::Seconds(20));
  EXPECT_EQ(savings.saved->low, absl::Seconds(10));
  EXPECT_EQ(savings.saved->high, absl::Seconds(30));
  EXPECT_EQ(SavedText(savings),
            "about 20s (10s to 30s) of trial time, by stopping 1 of 2 trials early; 30s were used");
}

TEST_F(StoppingSavingsTest, TheRangeSpansTheQuartilesOfFinishedTrials) {
  for (const int seconds : {10, 20, 30, 40, 50}) Finished(seconds, {0.5, 0.5});
  GiveRule(Stopped(10, {0.1}), "0.2", 1);
  Stopped(10, {0.1});
  const StoppingSavings savings = Estimate();
  ASSERT_TRUE(savings.saved);
  EXPECT_EQ(savings.saved->likely,
            absl::Seconds(30));  // twice the mean of 10 s, for one more report, and 30 - 10
  EXPECT_EQ(savings.saved->low, absl::Seconds(20));   // twice min(10, 20 - 10)
  EXPECT_EQ(savings.saved->high, absl::Seconds(60));  // twice max(10, 40 - 10)
}

TEST_F(StoppingSavingsTest, WithoutReportsOrWithoutFinishedTrialsItSaysWhatItKnows) {
  GiveRule(Stopped(10, {}), "0.2", 1);
  EXPECT_FALSE(Estimate().saved);
  EXPECT_THAT(SavedText(Estimate()), testing::StartsWith("unknown, since no trial has finished"));
  Finished(25, {0.5});
  ASSERT_TRUE(Estimate().saved);
  EXPECT_EQ(Estimate().saved->likely, absl::Seconds(15));
}

TEST_F(StoppingSavingsTest, CountsWhatRunningAndFailedTrialsUsed) {
  Finished(20, {0.5});
  Add(Started(MakeTrial("running"), 40), {0.1});
  Add(Failed(Started(MakeTrial("failed"), 0), 5, "exit code 1"), {});
  const StoppingSavings savings = Estimate();
  EXPECT_EQ(savings.used, absl::Seconds(20 + 60 + 5));
  EXPECT_FALSE(savings.had_rules);
  EXPECT_EQ(SavedText(savings), "nothing: no trial had a rule to be stopped by; 1m25s were used");
  EXPECT_TRUE(RiskTexts(savings).empty());
}

TEST_F(StoppingSavingsTest, ReplaysFinishedTrialsUnderTheNewestRules) {
  GiveRule(Finished(20, {0.1, 0.2, 0.9}), "0.05",
           1);  // once under this rule; stopped under the newest, at report 2
  Finished(20, {0.5, 0.6, 0.7});
  Finished(20, {0.1, 0.2, 0.1});
  GiveRule(Stopped(10, {0.1, 0.2}), "0.3", 2);
  const StoppingSavings savings = Estimate();
  ASSERT_TRUE(savings.replay);
  EXPECT_EQ(savings.replay->trials, 3);
  EXPECT_EQ(savings.replay->stopped, 2);
  EXPECT_TRUE(savings.replay->best_lost);
  EXPECT_EQ(savings.replay->best, 0.9);
  EXPECT_EQ(savings.replay->best_replayed, 0.7);
  EXPECT_THAT(
      RiskTexts(savings),
      Contains("under the newest rules 2 of 3 finished trials would have been stopped, the best one among "
               "them: the best value would be 0.7 instead of 0.9"));
}

TEST_F(StoppingSavingsTest, WhereNobodyWasStoppedEverybodySurvived) {
  GiveRule(Finished(20, {0.5, 0.6}), "0.3", 2);
  EXPECT_EQ(SavedText(Estimate()), "nothing: no trial was stopped early; 20s were used");
  EXPECT_THAT(RiskTexts(Estimate()),
              ElementsAre("under the newest rules 0 of 1 finished trial would have been stopped"));
}

TEST_F(StoppingSavingsTest, AStopAtTheLastReportStopsNothing) {
  GiveRule(Finished(20, {0.1, 0.2}), "0.3", 2);
  ASSERT_TRUE(Estimate().replay);
  EXPECT_EQ(Estimate().replay->stopped, 0);
}

TEST_F(StoppingSavingsTest, AStopAfterTheBestValueLosesNothing) {
  GiveRule(Finished(20, {0.1, 0.9, 0.8, 0.8, 0.8}), "1", 1, api::Comparison::kGreater,
           "reports_since_improvement(accuracy)");
  const StoppingSavings savings = Estimate();
  EXPECT_EQ(savings.replay->stopped, 1);
  EXPECT_FALSE(savings.replay->best_lost);
  EXPECT_THAT(RiskTexts(savings), Contains(HasSubstr("; the best value would be the same")));

  // The value that counts is then the one at the stop.
  experiment().spec.objective->metric_strategies = {{"accuracy", api::MetricStrategyType::kLatest}};
  store_.curves.begin()->second.back().value = "0.95";
  const StoppingSavings latest = Estimate();
  EXPECT_TRUE(latest.replay->best_lost);
  EXPECT_EQ(latest.replay->best_replayed, 0.8);
}

TEST_F(StoppingSavingsTest, OnceRulesLookOnce) {
  GiveRule(Finished(20, {0.5, 0.5, 0.5}), "0.6", 2);
  EXPECT_EQ(Estimate().replay->stopped, 1);
  experiment().spec.early_stopping->algorithm_settings = {{"evaluate", "once"}};
  EXPECT_EQ(Estimate().replay->stopped, 1);
  store_.trials[0].spec.early_stopping_rules = {
      {"reports_since_improvement(accuracy)", "1", api::Comparison::kGreater, 1}};
  EXPECT_EQ(Estimate().replay->stopped, 0);
}

TEST_F(StoppingSavingsTest, TellsWhatBecameOfTrialsThatLookedAsBad) {
  Finished(20, {0.1, 0.2, 0.3});  // as bad as the stopped one at report 2
  Finished(20, {0.2, 0.1, 0.7});  // likewise: what counts is the best so far
  Finished(20, {0.3, 0.3, 0.9});
  Finished(20, {0.1});  // too short to compare
  GiveRule(Stopped(10, {0.1, 0.2}), "0.25", 2);
  const StoppingSavings savings = Estimate();
  ASSERT_TRUE(savings.look_alikes);
  EXPECT_EQ(savings.look_alikes->trials, 2);
  EXPECT_EQ(savings.look_alikes->best, 0.7);
  EXPECT_EQ(savings.look_alikes->best_of_all, 0.9);
  EXPECT_THAT(
      RiskTexts(savings),
      ElementsAre(
          "under the newest rules 2 of 4 finished trials would have been stopped; the best value would "
          "be the same",
          "2 finished trials looked no better than a stopped one at the same report; the best of them "
          "reached 0.7 (best of all: 0.9)",
          "too few trials to judge by; finished trials are those that survived the rules, so the risk "
          "is rather higher"));
}

TEST_F(StoppingSavingsTest, SaysWhenThereIsNothingToCompareWith) {
  Finished(20, {0.5, 0.6});
  GiveRule(Stopped(10, {0.1}), "0.2", 1);
  EXPECT_THAT(RiskTexts(Estimate()), Contains(HasSubstr("nothing to compare with")));
}

TEST_F(StoppingSavingsTest, ComparesWhereLessIsBetter) {
  experiment().spec.objective->type = api::ObjectiveType::kMinimize;
  experiment().spec.objective->metric_strategies.clear();
  Finished(20, {0.9, 0.8, 0.1});
  Finished(20, {0.5, 0.4, 0.3});
  GiveRule(Stopped(10, {0.9, 0.8}), "0.6", 2, api::Comparison::kGreater);
  const StoppingSavings savings = Estimate();
  EXPECT_EQ(savings.replay->stopped, 1);
  EXPECT_TRUE(savings.replay->best_lost);
  EXPECT_EQ(savings.replay->best_replayed, 0.3);
  EXPECT_EQ(savings.look_alikes->trials, 1);
  EXPECT_EQ(savings.look_alikes->best, 0.1);
}

TEST_F(StoppingSavingsTest, SaysThatTheBestWasStopped) {
  Finished(20, {0.1, 0.2});
  GiveRule(Stopped(10, {0.9}), "4", 1, api::Comparison::kGreater, "reports_since_improvement(accuracy)");
  EXPECT_TRUE(Estimate().best_was_stopped);
  EXPECT_THAT(RiskTexts(Estimate()), Contains("the best trial is one that was stopped early"));
}

TEST_F(StoppingSavingsTest, IgnoresReportsThatAreNoNumbers) {
  Finished(20, {0.1, 0.5});
  auto& curve = store_.curves.begin()->second;
  curve.insert(curve.begin(), {"0001-01-01T00:00:00Z", "accuracy", "nan"});
  GiveRule(Stopped(10, {0.1}), "0.2", 1);
  EXPECT_EQ(Estimate().saved->likely, absl::Seconds(10));  // two reports in all, not three
}

TEST_F(StoppingSavingsTest, ShowTellsItToPeopleAndPrograms) {
  Finished(20, {0.1, 0.2, 0.3, 0.4});
  GiveRule(Stopped(10, {0.1}), "0.2", 1);
  TestStreams page, json;
  EXPECT_EQ(RunShow({.name = "quick"}, store_, page.streams), 0);
  EXPECT_THAT(page.out.str(), HasSubstr("Saved       about 20s (10s to 30s) of trial time"));
  EXPECT_THAT(page.out.str(), HasSubstr("\nRisk        under the newest rules 1 of 1 finished trial would"));
  EXPECT_EQ(RunShow({.name = "quick", .output = {.format = OutputFormat::kJson}}, store_, json.streams), 0);
  const auto resource = nlohmann::json::parse(json.out.str());
  const auto report =
      nlohmann::json::parse(resource["metadata"]["annotations"][kSavingsAnnotation].get<std::string>());
  EXPECT_EQ(report["trialSecondsUsed"], 30);
  EXPECT_EQ(report["trialSecondsSaved"]["likely"], 20);
  EXPECT_EQ(report["lookAlikes"]["trials"], 1);
  EXPECT_EQ(report["replay"]["bestLost"], true);
  EXPECT_TRUE(api::FromJson(json.out.str()).ok());
}

}  // namespace
}  // namespace qalam::cli
