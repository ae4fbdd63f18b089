#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include "fixtures.h"

namespace qalam::cli {
namespace {

TEST(ExitCode, IsWhatScriptsRelyOn) {
  EXPECT_EQ(ToInt(ExitCode::kOk), 0);
  EXPECT_EQ(ToInt(ExitCode::kFailed), 1);
  EXPECT_EQ(ToInt(ExitCode::kInvalidInput), 2);
  EXPECT_EQ(ToInt(ExitCode::kNotFound), 3);
  EXPECT_EQ(ToInt(ExitCode::kConflict), 4);
  EXPECT_EQ(ToInt(ExitCode::kUnreachable), 5);
  EXPECT_EQ(ToInt(ExitCode::kNothingSucceeded), 6);
  EXPECT_EQ(ToInt(ExitCode::kTimeout), 124);
  EXPECT_EQ(ToInt(ExitCode::kInterrupted), 130);
  EXPECT_EQ(ToInt(ExitCode::kTerminated), 143);
}

TEST(ExitCode, FollowsTheStatus) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(ExitCodeFor(absl::InvalidArgumentError("")), ExitCode::kInvalidInput);
  EXPECT_EQ(ExitCodeFor(absl::NotFoundError("")), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeFor(absl::AlreadyExistsError("")), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeFor(absl::AbortedError("")), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeFor(absl::DataLossError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeFor(absl::DeadlineExceededError("")), ExitCode::kTimeout);
  EXPECT_EQ(ExitCodeFor(absl::CancelledError("")), ExitCode::kInterrupted);
  EXPECT_EQ(ExitCodeFor(absl::InternalError("")), ExitCode::kFailed);
}

TEST(ExitCode, FollowsTheLastStateOfAnExperiment) {
  api::Experiment experiment = FinishedStore().experiments[0];
  EXPECT_EQ(ExitCodeFor(experiment), ExitCode::kOk);
  experiment.status.current_optimal_trial = {};
  EXPECT_EQ(ExitCodeFor(experiment), ExitCode::kNothingSucceeded);
  AddCondition(experiment.status.conditions, "Failed", At(30));
  api::ClearCondition(experiment.status.conditions, "Succeeded", At(30));
  EXPECT_EQ(ExitCodeFor(experiment), ExitCode::kFailed);
  EXPECT_EQ(ExitCodeFor(MakeExperiment()), ExitCode::kFailed);
}

}  // namespace
}  // namespace qalam::cli
