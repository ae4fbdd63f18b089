// One fault at every store and service call of an experiment's life, one life per call.
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

// Number of operations of a life without faults.
int OperationsOfALife() {
  World world;
  world.Create(MakeExperiment());
  world.StartController();
  EXPECT_TRUE(world.RunToCompletion());
  return world.faults.count();
}

void LiveWithFault(int operation, const absl::Status& fault) {
  World world;
  world.faults.FailOnce(operation, fault);
  world.Create(MakeExperiment());
  world.StartController();
  ASSERT_TRUE(world.RunToCompletion());
  SCOPED_TRACE(
      fmt::format("{} at operation {}: {}", fault.ToString(), operation, world.faults.log()[operation]));

  const auto status = world.experiment()->status;
  EXPECT_EQ(status.succeeded.size(), 3u);
  EXPECT_EQ(status.trials, 3);
  EXPECT_EQ(status.conditions.back().reason, kReasonMaxTrialsReached);
  std::set<std::string> parameters;
  for (const TrialPtr& trial : world.trials()) {
    parameters.insert(trial->spec.parameter_assignments[0].value);
    EXPECT_EQ(world.engine.launches[trial->metadata.name], 1) << trial->metadata.name;
  }
  EXPECT_EQ(parameters, (std::set<std::string>{"1", "2", "3"}));
  EXPECT_TRUE(IsTrue(world.suggestion()->status.conditions, kSucceeded));
  EXPECT_EQ(world.suggestion()->status.suggestions.size(), 3u);
}

class EveryCallFailsOnce : public testing::TestWithParam<absl::StatusCode> {};

TEST_P(EveryCallFailsOnce, AndTheExperimentEndsAllTheSame) {
  const int operations = OperationsOfALife();
  ASSERT_GT(operations, 20);
  for (int operation = 0; operation < operations; ++operation) {
    LiveWithFault(operation, absl::Status(GetParam(), "injected"));
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, EveryCallFailsOnce,
                         testing::Values(absl::StatusCode::kUnavailable, absl::StatusCode::kAborted,
                                         absl::StatusCode::kDeadlineExceeded),
                         [](const auto& code) { return absl::StatusCodeToString(code.param); });

TEST(Restarts, AtEveryMomentOfALifeLoseNothing) {
  for (int step = 0; step < 40; ++step) {
    World world;
    world.Create(MakeExperiment());
    world.StartController();
    for (int i = 0; i < step; ++i) world.loop.Advance(absl::Milliseconds(100));
    world.StartController(/*lose_workloads=*/true);
    ASSERT_TRUE(world.RunToCompletion()) << "restart after step " << step;
    EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u) << step;
    EXPECT_EQ(world.trials().size(), 3u) << step;
  }
}

}  // namespace
}  // namespace qalam::controller
