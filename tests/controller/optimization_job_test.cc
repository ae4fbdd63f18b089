// OptimizationJobs and the Experiments that they run as.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/optimization_job.h"
#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Field;

api::OptimizationJob MakeJob() {
  api::OptimizationJob job;
  job.metadata.name = "tune";
  job.metadata.namespace_name = "default";
  job.spec.objectives = {{"loss", api::Direction::kMinimize}};
  job.spec.parameters = {{"x", {.uniform = api::NumberRange{"1", "100", api::NumberType::kInt}}}};
  job.spec.num_trials = 3;
  job.spec.parallel_trials = 2;
  job.spec.train_job_template.spec = {R"({"runtimeRef":{"name":"plain"},"trainer":{"command":["run"]}})"};
  SetDefaults(job);
  return job;
}

class OptimizationJobLife : public testing::Test {
 protected:
  void Begin(const api::OptimizationJob& job) {
    ASSERT_TRUE(world.store().Create(job).ok());
    world.StartController();
    world.loop.RunReady();
  }
  std::shared_ptr<const api::OptimizationJob> job() const {
    return *api::Get<api::OptimizationJob>(const_cast<World&>(world).store(), {"default", "tune"});
  }
  World world;
};

TEST_F(OptimizationJobLife, RunsAsAnExperimentThatItOwnsAndTellsItsResult) {
  Begin(MakeJob());
  EXPECT_EQ(ConditionText(job()->status.conditions), "Created");
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->metadata.owner_references.at(0).uid, job()->metadata.uid);
  EXPECT_EQ(world.experiment()->metadata.owner_references.at(0).kind, "OptimizationJob");
  const api::OptimizationJobStatus& status = job()->status;
  EXPECT_EQ(ConditionText(status.conditions), "Created Complete");
  EXPECT_EQ(status.conditions.back().reason, "MaxTrialsReached");
  EXPECT_EQ(status.conditions.back().last_update_time, absl::InfinitePast());
  ASSERT_TRUE(status.result);
  EXPECT_EQ(status.result->train_job_name, world.experiment()->status.current_optimal_trial.best_trial_name);
  EXPECT_EQ(status.result->parameters.at(0).name, "x");
  ASSERT_EQ(status.trials.size(), 3u);
  EXPECT_THAT(status.trials, Each(Field(&api::TrialRecord::state, "Succeeded")));
  EXPECT_EQ(status.trials[0].metrics.at(0).name, "loss");
  EXPECT_TRUE(status.trials[0].completion_time);
}

TEST_F(OptimizationJobLife, FollowsEditsOfTheBudget) {
  world.engine.run_time = [](const std::string&) { return absl::Seconds(10); };
  Begin(MakeJob());
  api::OptimizationJob edited = *job();
  edited.spec.num_trials = 5;
  edited.spec.parallel_trials = 1;
  ASSERT_TRUE(world.store().Update(edited).ok());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->spec.max_trial_count, 5);
  EXPECT_EQ(world.experiment()->spec.parallel_trial_count, 1);
  EXPECT_EQ(job()->status.trials.size(), 5u);
}

TEST_F(OptimizationJobLife, TakesItsExperimentWithIt) {
  Begin(MakeJob());
  ASSERT_TRUE(world.store().Delete(api::Kind::kOptimizationJob, {"default", "tune"}).ok());
  world.loop.Advance(absl::Minutes(1));
  EXPECT_FALSE(world.store().Get(api::Kind::kExperiment, {"default", "tune"}).ok());
  EXPECT_TRUE(world.trials().empty());
}

TEST_F(OptimizationJobLife, FailsWhenTheNameIsAnotherExperiments) {
  world.Create(MakeExperiment());
  Begin(MakeJob());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(job()->status.conditions), "Failed");
  EXPECT_EQ(job()->status.conditions.back().reason, "ExperimentExists");
  EXPECT_TRUE(world.experiment()->metadata.owner_references.empty());
}

TEST_F(OptimizationJobLife, KeepsItsResultWhenTheNameBecomesAnotherExperiments) {
  Begin(MakeJob());
  ASSERT_TRUE(world.RunToCompletion());
  const api::OptimizationJobStatus status = job()->status;
  ASSERT_TRUE(world.store().Delete(api::Kind::kExperiment, {"default", "tune"}).ok());
  world.loop.Advance(absl::Minutes(1));
  world.Create(MakeExperiment());
  world.loop.Advance(absl::Minutes(1));
  EXPECT_EQ(ConditionText(job()->status.conditions), ConditionText(status.conditions));
  EXPECT_TRUE(job()->status.result == status.result);
}

TEST_F(OptimizationJobLife, GoesOnAfterARestart) {
  world.engine.run_time = [](const std::string&) { return absl::Seconds(10); };
  Begin(MakeJob());
  world.loop.Advance(absl::Seconds(15));
  world.StartController(/*lose_workloads=*/true);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(job()->status.conditions), "Created Complete");
  EXPECT_EQ(job()->status.trials.size(), 3u);
}

}  // namespace
}  // namespace qalam::controller
