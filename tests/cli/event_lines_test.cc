#include "cli/event_lines.h"

#include <gtest/gtest.h>

#include "fixtures.h"

namespace qalam::cli {
namespace {

std::string Line(const ProgressModel& model, const std::optional<ProgressEvent>& event, int now) {
  return event ? EventLine(model, *event, At(now), absl::UTCTimeZone()) : "(no event)";
}

ProgressModel Model() {
  ProgressModel model(At(0));
  api::Experiment experiment = MakeExperiment();
  experiment.spec.parallel_trial_count = 1;
  model.Load(experiment, {});
  return model;
}

TEST(EventLine, FollowsATrial) {
  ProgressModel model = Model();
  api::Trial a = Started(MakeTrial("quick-a", "0.02"), 0), b = Started(MakeTrial("quick-b"), 0);
  EXPECT_EQ(Line(model, model.Apply(a, At(0)), 0),
            "12:00:00 trial quick-a started lr=0.02 layers=2 opt=adam");
  EXPECT_EQ(Line(model, model.Apply(Succeeded(a, 10, "0.95"), At(10)), 10),
            "12:00:10 trial quick-a done accuracy=0.95 (best so far) 1/50 eta 8m");
  model.Apply(b, At(10));
  EXPECT_EQ(Line(model, model.Apply(Succeeded(b, 20, "0.93"), At(20)), 20),
            "12:00:20 trial quick-b done accuracy=0.93 (best 0.95 @quick-a) 2/50 eta 8m");
}

TEST(EventLine, SaysWhyATrialFailed) {
  ProgressModel model = Model();
  const api::Trial trial = Started(MakeTrial("quick-a"), 0);
  model.Apply(trial, At(0));
  EXPECT_EQ(Line(model, model.Apply(Failed(trial, 2, "exit code 3\n\033[31m"), At(2)), 2),
            "12:00:02 trial quick-a failed: exit code 3 ?[31m 1/50 eta 98s");
}

TEST(EventLine, FollowsTheExperiment) {
  ProgressModel model = Model();
  api::Experiment experiment = MakeExperiment();
  AddCondition(experiment.status.conditions, "Running", At(1));
  EXPECT_EQ(Line(model, model.Apply(experiment, At(1)), 1), "12:00:01 experiment quick running: 0/50");
  AddCondition(experiment.status.conditions, "Succeeded", At(2));
  EXPECT_EQ(Line(model, model.Apply(experiment, At(2)), 2), "12:00:02 experiment quick ended: 0/50");
}

TEST(EventLine, OfATrialThatIsGoneStillMakesSense) {
  EXPECT_EQ(EventLine(Model(), {ProgressEvent::Kind::kTrialEnded, "x"}, At(0), absl::UTCTimeZone()),
            "12:00:00 trial x gone");
}

}  // namespace
}  // namespace qalam::cli
