#include "cli/progress_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using Kind = ProgressEvent::Kind;

// Ten trials, two slots.
ProgressModel Model(int session_start = 0) {
  ProgressModel model(At(session_start));
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 10;
  experiment.spec.parallel_trial_count = 2;
  model.Load(experiment, {});
  return model;
}

void RunTrial(ProgressModel& model, const std::string& name, int start, int end,
              const std::string& accuracy) {
  const api::Trial trial = Started(MakeTrial(name), start);
  model.Apply(trial, At(start));
  model.Apply(Succeeded(trial, end, accuracy), At(end));
}

TEST(ProgressModel, TellsEventsApart) {
  ProgressModel model = Model();
  const api::Trial pending = MakeTrial("quick-a");
  EXPECT_FALSE(model.Apply(pending, At(1)).has_value());
  const api::Trial running = Started(pending, 2);
  EXPECT_EQ(model.Apply(running, At(2))->kind, Kind::kTrialStarted);
  EXPECT_FALSE(model.Apply(running, At(3)).has_value());
  const api::Trial done = Succeeded(running, 5, "0.7");
  const auto ended = model.Apply(done, At(5));
  EXPECT_EQ(ended->kind, Kind::kTrialEnded);
  EXPECT_EQ(ended->trial, "quick-a");
  EXPECT_TRUE(ended->new_best);
  EXPECT_FALSE(model.Apply(done, At(6)).has_value());
  EXPECT_EQ(model.done(), 1);
}

TEST(ProgressModel, TellsTheExperimentsTurns) {
  ProgressModel model(At(0));
  api::Experiment experiment = MakeExperiment();
  EXPECT_FALSE(model.Apply(experiment, At(0)).has_value());
  AddCondition(experiment.status.conditions, "Created", At(0));
  EXPECT_FALSE(model.Apply(experiment, At(0)).has_value());
  AddCondition(experiment.status.conditions, "Running", At(1));
  EXPECT_EQ(model.Apply(experiment, At(1))->kind, Kind::kExperimentStarted);
  AddCondition(experiment.status.conditions, "Succeeded", At(9));
  EXPECT_EQ(model.Apply(experiment, At(9))->kind, Kind::kExperimentEnded);
  api::RemoveCondition(experiment.status.conditions, "Succeeded");
  AddCondition(experiment.status.conditions, "Restarting", At(10));
  EXPECT_EQ(model.Apply(experiment, At(10))->kind, Kind::kExperimentRestarted);
  AddCondition(experiment.status.conditions, "Running", At(10));
  EXPECT_FALSE(model.Apply(experiment, At(10)).has_value());
}

TEST(ProgressModel, KeepsTheBestAndItsCurve) {
  ProgressModel model = Model();
  for (const auto& [name, end, value] :
       {std::tuple{"a", 1, "0.5"}, {"b", 2, "0.4"}, {"c", 3, "0.9"}, {"d", 4, "0.9"}}) {
    RunTrial(model, name, 0, end, value);
  }
  EXPECT_EQ(model.Best()->name, "c");  // the earlier of two equal ones
  EXPECT_THAT(model.BestCurve(), ElementsAre(0.5, 0.5, 0.9, 0.9));
}

TEST(ProgressModel, MinimisesWhenTheObjectiveSaysSo) {
  ProgressModel model(At(0));
  api::Experiment experiment = MakeExperiment();
  experiment.spec.objective->type = api::ObjectiveType::kMinimize;
  model.Load(experiment, {});
  RunTrial(model, "a", 0, 1, "0.5");
  RunTrial(model, "b", 0, 2, "0.4");
  RunTrial(model, "c", 0, 3, "0.9");
  EXPECT_EQ(model.Best()->name, "b");
  EXPECT_THAT(model.BestCurve(), ElementsAre(0.5, 0.4, 0.4));
}

TEST(ProgressModel, IgnoresFailedAndUnusableValuesForTheBest) {
  ProgressModel model = Model();
  RunTrial(model, "a", 0, 1, "nan");
  EXPECT_EQ(model.Best(), nullptr);
  api::Trial failed = Succeeded(Started(MakeTrial("b"), 0), 2, "0.9");
  AddCondition(failed.status.conditions, "Failed", At(2), "TrialFailed", "exit code 3");
  model.Apply(failed, At(2));
  EXPECT_EQ(model.Best(), nullptr);
  EXPECT_EQ(model.failures(), 1);
  EXPECT_EQ(model.LastFailure()->message, "exit code 3");
}

TEST(ProgressModel, OrdersWhatItLoadsByTheirEnds) {
  ProgressModel model(At(100));
  const api::Trial late = Succeeded(Started(MakeTrial("a"), 0), 50, "0.8"),
                   early = Succeeded(Started(MakeTrial("b"), 0), 20, "0.6");
  const api::Trial failed_late = Failed(Started(MakeTrial("c"), 0), 60, "late"),
                   failed_early = Failed(Started(MakeTrial("d"), 0), 10, "early");
  model.Load(MakeExperiment(), {&late, &early, &failed_late, &failed_early});
  EXPECT_THAT(model.BestCurve(), ElementsAre(0.6, 0.8));
  EXPECT_EQ(model.LastFailure()->message, "late");
  EXPECT_EQ(model.done(), 4);
  EXPECT_EQ(model.BusyShare(At(110)), 0);  // all of it was an earlier session's work
}

TEST(ProgressModel, FollowsTheObjectiveOfRunningTrialsOnly) {
  ProgressModel model = Model();
  model.Apply(Started(MakeTrial("a"), 1), At(1));
  model.AddPoint("a", "loss", "7");
  model.AddPoint("unknown", "accuracy", "7");
  EXPECT_EQ(model.Find("a")->latest, "");
  model.AddPoint("a", "accuracy", "0.5");
  EXPECT_EQ(model.Find("a")->latest, "0.5");
  model.Apply(Started(MakeTrial("a"), 1), At(2));  // a resource event does not lose it
  EXPECT_EQ(model.Find("a")->latest, "0.5");
}

TEST(ProgressModel, AStoppedTrialEndsWhenItIsKnownWhatItCameTo) {
  ProgressModel model = Model();
  api::Trial trial = Started(MakeTrial("a"), 1);
  model.Apply(trial, At(1));
  trial = Stopping(trial, 2);
  EXPECT_FALSE(model.Apply(trial, At(2)).has_value());
  EXPECT_EQ(model.Running().size(), 1u);
  EXPECT_EQ(model.Find("a")->message, "best accuracy 0.1 at report 4 is less than 0.5 (medianstop)");
  trial.status.observation = api::Observation{{{"accuracy", "0.1", "0.2", "0.2"}}};
  const auto event = model.Apply(trial, At(3));
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, ProgressEvent::Kind::kTrialEnded);
  EXPECT_EQ(model.count(TrialState::kEarlyStopped), 1);
  EXPECT_EQ(model.Best()->value_text, "0.2");
}

TEST(ProgressModel, ListsRunningTrialsOldestFirst) {
  ProgressModel model = Model();
  model.Apply(Started(MakeTrial("b"), 1), At(1));
  model.Apply(Started(MakeTrial("a"), 2), At(2));
  model.Apply(Started(MakeTrial("b"), 1), At(3));
  ASSERT_EQ(model.Running().size(), 2u);
  EXPECT_EQ(model.Running()[0]->name, "b");
  model.Remove("b");
  ASSERT_EQ(model.Running().size(), 1u);
  EXPECT_EQ(model.count(TrialState::kRunning), 1);
}

TEST(ProgressModel, ForgetsATrialThatIsDeletedOrStartedAgain) {
  ProgressModel model = Model();
  RunTrial(model, "a", 0, 1, "0.5");
  RunTrial(model, "b", 0, 2, "0.9");
  model.Remove("b");
  model.Remove("never-there");
  EXPECT_EQ(model.Best()->name, "a");
  EXPECT_EQ(model.done(), 1);
  model.Apply(MakeTrial("a"), At(3));
  EXPECT_EQ(model.Best(), nullptr);
  EXPECT_EQ(model.done(), 0);
  EXPECT_THAT(model.BestCurve(), ElementsAre());
}

TEST(TimeLeft, SharesTheWorkOverTheSlots) {
  ProgressModel model = Model();
  EXPECT_EQ(model.TimeLeft(At(5)), std::nullopt);  // nothing has finished yet
  RunTrial(model, "a", 0, 10, "0.5");
  RunTrial(model, "b", 0, 20, "0.5");
  // Mean 15 s; eight left on two slots.
  EXPECT_EQ(model.TimeLeft(At(20)), absl::Seconds(60));
  // Two of the eight run, 5 s and 20 s (overdue: nothing left) of them done: (10 + 0 + 6 * 15) / 2.
  model.Apply(Started(MakeTrial("c"), 20), At(20));
  model.Apply(Started(MakeTrial("d"), 35), At(35));
  EXPECT_EQ(model.TimeLeft(At(40)), absl::Seconds(50));
}

TEST(TimeLeft, IsNeverLessThanTheLongestRunningTrialNeeds) {
  ProgressModel model = Model();
  for (int i = 0; i < 9; ++i) RunTrial(model, "t" + std::to_string(i), 0, 10, "0.5");
  model.Apply(Started(MakeTrial("last"), 20), At(20));
  EXPECT_EQ(model.TimeLeft(At(24)), absl::Seconds(6));
  model.Apply(Succeeded(Started(MakeTrial("last"), 20), 30, "1"), At(30));
  EXPECT_EQ(model.TimeLeft(At(30)), std::nullopt);
}

TEST(TimeLeft, IsUnknownWithoutATotal) {
  ProgressModel model(At(0));
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count.reset();
  model.Load(experiment, {});
  RunTrial(model, "a", 0, 10, "0.5");
  EXPECT_EQ(model.TimeLeft(At(20)), std::nullopt);
}

TEST(BusyShare, IsWorkOverTimeTimesSlots) {
  ProgressModel model = Model();
  EXPECT_EQ(model.BusyShare(At(0)), std::nullopt);
  RunTrial(model, "a", 0, 10, "0.5");
  RunTrial(model, "b", 2, 8, "0.5");
  EXPECT_DOUBLE_EQ(*model.BusyShare(At(10)), 16.0 / 20);
  model.Apply(Started(MakeTrial("c"), 10), At(10));
  EXPECT_DOUBLE_EQ(*model.BusyShare(At(20)), 26.0 / 40);
}

TEST(BusyShare, CountsOnlyThisSessionOfAnAdoptedTrial) {
  ProgressModel model(At(100));
  const api::Trial adopted = Started(MakeTrial("a"), 60);
  api::Experiment experiment = MakeExperiment();
  experiment.spec.parallel_trial_count = 1;
  model.Load(experiment, {&adopted});
  EXPECT_DOUBLE_EQ(*model.BusyShare(At(110)), 1.0);
  model.Apply(Succeeded(adopted, 110, "1"), At(110));
  EXPECT_DOUBLE_EQ(*model.BusyShare(At(120)), 0.5);
}

TEST(ProgressModel, TimesTrialsOfThisSessionByItsOwnClock) {
  ProgressModel model = Model();
  const absl::Time start = At(0) + absl::Milliseconds(300), end = At(0) + absl::Milliseconds(800);
  const api::Trial running = Started(MakeTrial("a"), 0);
  model.Apply(running, start);
  model.Apply(Succeeded(running, 0, "1"), end);  // the resource has whole seconds: no time at all
  EXPECT_EQ(model.TimeLeft(At(1)), absl::Milliseconds(2250));  // nine of 0.5 s on two slots
}

}  // namespace
}  // namespace qalam::cli
