#include "cli/resource_facts.h"

#include <gtest/gtest.h>

#include "fixtures.h"

namespace qalam::cli {
namespace {

TEST(TrialDuration, EndsWithTheTrial) {
  EXPECT_EQ(TrialDuration(MakeTrial("t"), At(9)), std::nullopt);
  EXPECT_EQ(TrialDuration(Started(MakeTrial("t"), 2), At(9)), absl::Seconds(7));
  EXPECT_EQ(TrialDuration(Succeeded(Started(MakeTrial("t"), 2), 5, "1"), At(9)), absl::Seconds(3));
}

TEST(FinishTime, OfAnEarlyStoppedTrialIsItsTransition) {
  api::Trial trial = Started(MakeTrial("t"), 2);
  EXPECT_EQ(FinishTime(trial), std::nullopt);
  AddCondition(trial.status.conditions, "EarlyStopped", At(6));
  EXPECT_EQ(FinishTime(trial), At(6));
}

TEST(ShortNumber, KeepsSixDigitsAndOtherText) {
  EXPECT_EQ(ShortNumber("0.93333333333"), "0.933333");
  EXPECT_EQ(ShortNumber("0.9"), "0.9");
  EXPECT_EQ(ShortNumber("123456789"), "1.23457e+08");
  EXPECT_EQ(ShortNumber("a-long-choice"), "a-long-choice");
  EXPECT_EQ(AssignmentsText({{"lr", "0.012345678"}, {"opt", "sgd"}}, true), "lr=0.0123457 opt=sgd");
  EXPECT_EQ(AssignmentsText({{"lr", "0.012345678"}}, false), "lr=0.012345678");
}

api::Experiment Ended(const std::string& type, const std::string& reason, const std::string& message = "") {
  api::Experiment experiment = MakeExperiment();
  AddCondition(experiment.status.conditions, "Created", At(0));
  AddCondition(experiment.status.conditions, "Running", At(1));
  AddCondition(experiment.status.conditions, type, At(9), reason, message);
  return experiment;
}

TEST(StatusInWords, SaysWhyAnExperimentEnded) {
  api::Experiment experiment = Ended("Succeeded", "ExperimentGoalReached");
  experiment.spec.objective->goal = 0.99;
  EXPECT_EQ(StatusInWords(experiment), "the goal was reached: accuracy >= 0.99");
  experiment.spec.objective->type = api::ObjectiveType::kMinimize;
  EXPECT_EQ(StatusInWords(experiment), "the goal was reached: accuracy <= 0.99");

  experiment = Ended("Succeeded", "ExperimentMaxTrialsReached");
  experiment.status.succeeded = {"a", "b"};
  experiment.status.early_stopped = {"c"};
  EXPECT_EQ(StatusInWords(experiment), "all 3 trials are done");

  EXPECT_EQ(StatusInWords(Ended("Succeeded", "SpaceExhausted")),
            "every point of the search space has been tried");

  experiment =
      Ended("Failed", "ExperimentFailed", "Experiment has failed because max failed count has reached");
  experiment.spec.max_failed_trial_count = 3;
  experiment.status.failed = {"a", "b"};
  experiment.status.metrics_unavailable = {"c"};
  EXPECT_EQ(StatusInWords(experiment), "3 trials failed or had no metrics, and maxFailedTrialCount is 3");
  EXPECT_EQ(StatusInWords(Ended("Failed", "ExperimentFailed", "Suggestion has failed")),
            "Suggestion has failed");
}

TEST(StatusInWords, SaysHowARunningOneIs) {
  api::Experiment experiment = MakeExperiment();
  EXPECT_EQ(StatusInWords(experiment), "not started yet");
  EXPECT_EQ(ExperimentStatusName(experiment), "Pending");
  AddCondition(experiment.status.conditions, "Created", At(0));
  EXPECT_EQ(StatusInWords(experiment), "created, no trial yet");
  AddCondition(experiment.status.conditions, "Restarting", At(0));
  AddCondition(experiment.status.conditions, "Running", At(0));
  EXPECT_EQ(StatusInWords(experiment), "running again after its limits were raised");
  EXPECT_EQ(ExperimentStatusName(experiment), "Running");
  EXPECT_FALSE(IsFinished(experiment));
}

TEST(CountsText, ListsWhatThereIs) {
  api::ExperimentStatus status;
  EXPECT_EQ(CountsText(status), "none yet");
  status.succeeded = {"a", "b"};
  status.failed = {"c"};
  status.early_stopped = {"d"};
  status.running = {"e"};
  EXPECT_EQ(CountsText(status), "2 succeeded, 1 stopped early, 1 failed, 1 running");
  EXPECT_EQ(FinishedTrials(status), 4);
}

}  // namespace
}  // namespace qalam::cli
