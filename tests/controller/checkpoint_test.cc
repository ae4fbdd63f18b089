// Trials that go on from others' checkpoints, and what becomes of checkpoints at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class Checkpoints : public testing::Test {
 protected:
  // Trials t0, t1, t2; the third one goes on from `parent`.
  Checkpoints() {
    world.services.suggestions->name_and_label =
        [this](int number, wire::GetSuggestionsReply::ParameterAssignments& point) {
          point.set_trial_name("t" + std::to_string(number));
          if (number == 2) (*point.mutable_labels())[label] = parent;
        };
  }

  void Begin() { Begin(world); }
  void Begin(World& in) const {
    in.services.suggestions->name_and_label = world.services.suggestions->name_and_label;
    in.Create(experiment);
    in.StartController();
  }
  TrialPtr Trial(int number) const { return world.trials().at(number); }
  const api::Condition& Last(int number) const { return Trial(number)->status.conditions.back(); }

  World world;
  api::Experiment experiment = MakeExperiment();
  std::string label = "qalam.dev/parent", parent = "t0";
};

TEST_F(Checkpoints, AreCopiedBeforeTheTrialIsLaunched) {
  for (const char* name : {"qalam.dev/parent", "pbt.suggestion.katib.kubeflow.org/parent"}) {
    label = name;
    World fresh;
    Begin(fresh);
    ASSERT_TRUE(fresh.RunToCompletion());
    EXPECT_THAT(fresh.engine.copied, ElementsAre(Pair("t2", "t0")));
    EXPECT_EQ(fresh.experiment()->status.succeeded.size(), 3u);
    const auto& log = fresh.faults.log();
    const auto copy = std::find(log.begin(), log.end(), "CopyCheckpoint");
    EXPECT_EQ(std::count(copy, log.end(), "Launch"), 1);
  }
}

TEST_F(Checkpoints, OfAParentThatRunsAreWaitedFor) {
  experiment.spec.parallel_trial_count = 3;
  world.engine.run_time = [](const std::string& run_spec) {
    return run_spec.find("\"1\"") == std::string::npos ? absl::Seconds(1) : absl::Seconds(60);
  };
  Begin();
  world.loop.Advance(absl::Seconds(50));
  EXPECT_THAT(world.engine.copied, IsEmpty());
  EXPECT_EQ(world.engine.launches.count("t2"), 0u);
  world.loop.Advance(absl::Seconds(20));
  EXPECT_EQ(world.engine.launches.count("t2"), 1u);
  EXPECT_EQ(world.engine.copied.count("t2"), 1u);
}

TEST_F(Checkpoints, ThatFindNoRoomAreTriedAgainAndSayWhy) {
  world.engine.copy_status = absl::ResourceExhaustedError("cannot write /d/model: No space left on device");
  Begin();
  world.loop.Advance(absl::Seconds(40));
  EXPECT_EQ(Last(2).type, kCreated);
  EXPECT_EQ(Last(2).reason, "CheckpointDelayed");
  EXPECT_THAT(Last(2).message,
              HasSubstr("parent t0: cannot write /d/model: No space left on device; trying again"));
  EXPECT_EQ(world.engine.launches.count("t2"), 0u);
  world.engine.copy_status = absl::OkStatus();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(Trial(2)->status.conditions), "Created Running=False Succeeded");
}

TEST_F(Checkpoints, ThatCannotBeCopiedFailTheTrial) {
  world.engine.copy_status = absl::InvalidArgumentError("a/pipe is no file");
  Begin();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Last(2).reason, "TrialFailed. Job reason: CheckpointUnavailable");
  EXPECT_THAT(Last(2).message, HasSubstr("the checkpoint of its parent t0: a/pipe is no file"));
}

TEST_F(Checkpoints, OfTrialsThatAreNotThereFailTheTrial) {
  for (const char* name : {"t2", "elsewhere"}) {
    parent = name;
    World fresh;
    Begin(fresh);
    ASSERT_TRUE(fresh.RunToCompletion());
    const api::Condition& last = fresh.trials().at(2)->status.conditions.back();
    EXPECT_EQ(last.reason, "TrialFailed. Job reason: CheckpointUnavailable");
    EXPECT_THAT(last.message, HasSubstr(parent + " is no other trial of this experiment"));
  }
}

TEST_F(Checkpoints, AreAskedForAgainByATrialThatIsRunAgain) {
  world.engine.run_time = [](const std::string& run_spec) {
    return run_spec.find("\"3\"") == std::string::npos ? absl::Seconds(1) : absl::Hours(9);
  };
  Begin();
  world.loop.Advance(absl::Seconds(20));
  ASSERT_EQ(world.engine.launches["t2"], 1);
  world.engine.copied.clear();
  world.StartController(/*lose_workloads=*/true);
  world.loop.Advance(absl::Seconds(20));
  EXPECT_EQ(world.engine.launches["t2"], 2);
  EXPECT_THAT(world.engine.copied, ElementsAre(Pair("t2", "t0")));
}

TEST_F(Checkpoints, AreDeletedAtTheEndExceptTheBest) {
  world.engine.outcome = [](const std::string& run_spec) {
    return FakeEngine::Outcome{true, {{"loss", run_spec.find("\"2\"") == std::string::npos ? "0.5" : "0.1"}}};
  };
  Begin();
  world.loop.Advance(absl::Milliseconds(1500));
  EXPECT_THAT(world.engine.deleted_checkpoints, IsEmpty());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(world.engine.deleted_checkpoints, ElementsAre("t0", "t2"));
}

TEST_F(Checkpoints, OfAnExperimentThatMayGoOnAreKept) {
  experiment.spec.resume_policy = api::ResumePolicy::kFromVolume;
  Begin();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(world.engine.deleted_checkpoints, IsEmpty());
}

TEST_F(Checkpoints, OfGenerationsLongPastAreDeletedExceptTheBest) {
  experiment.spec.resume_policy = api::ResumePolicy::kLongRunning;
  experiment.spec.parallel_trial_count = 1;
  experiment.spec.max_trial_count = 10;
  world.services.suggestions->name_and_label = [](int number,
                                                  wire::GetSuggestionsReply::ParameterAssignments& point) {
    point.set_trial_name("t" + std::to_string(number));
    (*point.mutable_labels())["pbt.suggestion.katib.kubeflow.org/generation"] = std::to_string(number / 2);
  };
  world.engine.outcome = [](const std::string& run_spec) {
    return FakeEngine::Outcome{true, {{"loss", run_spec.find("\"2\"") == std::string::npos ? "0.5" : "0.1"}}};
  };
  Begin();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(world.engine.deleted_checkpoints, ElementsAre("t0", "t2", "t3"));  // t1 is the best one
}

TEST_F(Checkpoints, HaveTheNameThatTheAlgorithmsSettingsGive) {
  experiment.spec.algorithm->algorithm_settings = {{"suggestion_trial_dir", "/opt/katib/data/"}};
  Begin();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.engine.last_request.checkpoint_path, "/opt/katib/data");
}

}  // namespace
}  // namespace qalam::controller
