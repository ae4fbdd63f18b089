#include "controller/experiment_progress.h"

#include <gtest/gtest.h>

#include "controller/text_result.h"
#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

using ::testing::Test;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

api::ObjectiveSpec Minimise() {
  api::ObjectiveSpec objective;
  objective.type = api::ObjectiveType::kMinimize;
  objective.objective_metric_name = "loss";
  objective.metric_strategies = {{"loss", api::MetricStrategyType::kMin}};
  return objective;
}

TrialPtr MakeTrial(const std::string& name, int index, std::string_view condition,
                   const std::string& loss = "") {
  auto trial = std::make_shared<api::Trial>();
  trial->metadata.name = name;
  trial->spec.objective = Minimise();
  trial->metadata.annotations.emplace(kTrialIndexAnnotation, std::to_string(index));
  if (!condition.empty()) SetCondition(trial->status.conditions, condition, true, "r", "m", kNow);
  if (!loss.empty()) trial->status.observation = api::Observation{{{"loss", loss, loss, loss}}};
  return trial;
}

api::ExperimentStatus Summarise(const std::vector<TrialPtr>& trials) {
  api::ExperimentStatus status;
  SummariseTrials(api::ObjectiveType::kMinimize, {trials.begin(), trials.end()}, status);
  return status;
}

TEST(SummariseTrials, PutsEveryTrialInOneList) {
  const auto status =
      Summarise({MakeTrial("a", 0, kSucceeded, "1"), MakeTrial("b", 1, kFailed), MakeTrial("c", 2, kRunning),
                 MakeTrial("d", 3, ""), MakeTrial("e", 4, kKilled), MakeTrial("f", 5, kEarlyStopped, "2"),
                 MakeTrial("g", 6, kMetricsUnavailable)});
  EXPECT_EQ(status.trials, 7);
  EXPECT_EQ(status.succeeded, std::vector<std::string>{"a"});
  EXPECT_EQ(status.failed, std::vector<std::string>{"b"});
  EXPECT_EQ(status.running, std::vector<std::string>{"c"});
  EXPECT_EQ(status.pending, std::vector<std::string>{"d"});
  EXPECT_EQ(status.killed, std::vector<std::string>{"e"});
  EXPECT_EQ(status.early_stopped, std::vector<std::string>{"f"});
  EXPECT_EQ(status.metrics_unavailable, std::vector<std::string>{"g"});
  EXPECT_EQ(status.current_optimal_trial.best_trial_name, "a");
}

// What an architecture search finds may be a description. Texts have no order, so numbers come first.
TEST(SummariseTrials, TakesTheFirstTextOfAnArchitectureSearchWhereThereIsNoNumber) {
  const auto with_text = [](const std::string& name, int index, const std::string& text, bool allowed) {
    auto trial = std::make_shared<api::Trial>(*MakeTrial(name, index, kSucceeded, text));
    api::Experiment experiment;
    if (allowed) experiment.spec.nas_config.emplace();
    AllowTextResult(experiment, *trial);
    return trial;
  };
  const TrialPtr number = MakeTrial("number", 4, kSucceeded, "7");
  const TrialPtr other = with_text("other", 0, "Genotype()", false), nan = with_text("nan", 1, "NaN", true),
                 first = with_text("first", 2, "Genotype(a)", true),
                 second = with_text("second", 3, "Genotype(b)", true);
  EXPECT_EQ(Summarise({other, nan, first, second}).current_optimal_trial.best_trial_name, "first");
  EXPECT_EQ(Summarise({other, nan}).current_optimal_trial.best_trial_name, "");
  EXPECT_EQ(Summarise({first, number}).current_optimal_trial.best_trial_name, "number");
}

TEST(SummariseTrials, TheEarlierOfEqualTrialsIsOptimal) {
  const auto status = Summarise({MakeTrial("a", 0, kSucceeded, "1"), MakeTrial("b", 1, kSucceeded, "1.0")});
  EXPECT_EQ(status.current_optimal_trial.best_trial_name, "a");
}

TEST(SummariseTrials, NeverTakesValuesThatAreNoFiniteNumbers) {
  const auto status =
      Summarise({MakeTrial("a", 0, kSucceeded, "nan"), MakeTrial("b", 1, kSucceeded, "-inf"),
                 MakeTrial("c", 2, kSucceeded, "Genotype(x)"), MakeTrial("d", 3, kSucceeded, "7")});
  EXPECT_EQ(status.current_optimal_trial.best_trial_name, "d");
}

TEST(SummariseTrials, IgnoresFailedTrials) {
  const auto status = Summarise({MakeTrial("a", 0, kFailed, "0"), MakeTrial("b", 1, kSucceeded, "7")});
  EXPECT_EQ(status.current_optimal_trial.best_trial_name, "b");
}

TEST(SummariseTrials, ForgetsAnOptimumWhoseTrialIsGone) {
  api::ExperimentStatus status = Summarise({MakeTrial("a", 0, kSucceeded, "1")});
  SummariseTrials(api::ObjectiveType::kMinimize, {}, status);
  EXPECT_EQ(status.current_optimal_trial, api::OptimalTrial());
}

class Judge : public Test {
 protected:
  Judge() {
    spec_.objective = Minimise();
    spec_.parallel_trial_count = 2;
  }
  std::string Reason(const std::vector<TrialPtr>& trials) {
    const auto verdict =
        JudgeExperiment(spec_, Summarise(trials), CountFailures({trials.begin(), trials.end()}));
    return verdict ? verdict->reason : "";
  }
  api::ExperimentSpec spec_;
};

TEST_F(Judge, GoesOnWithoutLimits) { EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "1")}), ""); }

TEST_F(Judge, InfeasibleTrialsAreNoFailuresOfTheProgram) {
  spec_.max_failed_trial_count = 1;
  auto infeasible = std::make_shared<api::Trial>(*MakeTrial("a", 0, kFailed));
  infeasible->status.conditions.back().reason = "TrialFailed. Job reason: Infeasible";
  EXPECT_EQ(Reason({infeasible}), "");
  EXPECT_EQ(Reason({infeasible, MakeTrial("b", 1, kFailed)}), kReasonExperimentFailed);
}

TEST_F(Judge, ZeroIsARealGoal) {
  spec_.objective->goal = 0;
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "0.001")}), "");
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "0")}), kReasonGoalReached);
}

TEST_F(Judge, AGoalOfAMaximisedObjectiveIsReachedFromBelow) {
  spec_.objective->type = api::ObjectiveType::kMaximize;
  spec_.objective->goal = 0.9;
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "0.89")}), "");
}

TEST_F(Judge, FailuresAndMissingMetricsCountTogether) {
  spec_.max_failed_trial_count = 2;
  EXPECT_EQ(Reason({MakeTrial("a", 0, kFailed)}), "");
  EXPECT_EQ(Reason({MakeTrial("a", 0, kFailed), MakeTrial("b", 1, kMetricsUnavailable)}),
            kReasonExperimentFailed);
}

TEST_F(Judge, NoFailureToleratedMeansTheFirstOneEndsIt) {
  spec_.max_failed_trial_count = 0;
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "1")}), "");
  EXPECT_EQ(Reason({MakeTrial("a", 0, kFailed)}), kReasonExperimentFailed);
}

TEST_F(Judge, TheGoalComesBeforeTheFailures) {
  spec_.objective->goal = 1;
  spec_.max_failed_trial_count = 1;
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "1"), MakeTrial("b", 1, kFailed)}), kReasonGoalReached);
}

TEST_F(Judge, EveryFinishedTrialUsesBudget) {
  spec_.max_trial_count = 3;
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "1"), MakeTrial("b", 1, kMetricsUnavailable),
                    MakeTrial("c", 2, kRunning)}),
            "");
  EXPECT_EQ(Reason({MakeTrial("a", 0, kSucceeded, "1"), MakeTrial("b", 1, kMetricsUnavailable),
                    MakeTrial("c", 2, kKilled)}),
            kReasonMaxTrialsReached);
}

TEST(TrialsToAdd, FillsTheSlotsWithinTheBudget) {
  api::ExperimentSpec spec;
  spec.parallel_trial_count = 3;
  spec.max_trial_count = 4;
  EXPECT_EQ(TrialsToAdd(spec, {}), 3);
  EXPECT_EQ(TrialsToAdd(spec, Summarise({MakeTrial("a", 0, kRunning)})), 2);
  EXPECT_EQ(
      TrialsToAdd(spec, Summarise({MakeTrial("a", 0, kSucceeded, "1"), MakeTrial("b", 1, kMetricsUnavailable),
                                   MakeTrial("c", 2, kRunning)})),
      1);
}

TEST(TrialsToAdd, NeverTakesTrialsAway) {
  api::ExperimentSpec spec;
  spec.parallel_trial_count = 1;
  EXPECT_EQ(TrialsToAdd(spec, Summarise({MakeTrial("a", 0, kRunning), MakeTrial("b", 1, kRunning)})), 0);
}

TEST(CreatedBefore, FollowsTheIndexThenTimeThenName) {
  EXPECT_TRUE(CreatedBefore(*MakeTrial("z", 2, ""), *MakeTrial("a", 10, "")));
  api::Trial early, late;
  early.metadata.name = "z", late.metadata.name = "a";
  early.metadata.creation_timestamp = kNow;
  late.metadata.creation_timestamp = kNow + absl::Seconds(1);
  EXPECT_TRUE(CreatedBefore(early, late));
  late.metadata.creation_timestamp = kNow;
  EXPECT_FALSE(CreatedBefore(early, late));
}

}  // namespace
}  // namespace qalam::controller
