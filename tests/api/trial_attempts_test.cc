#include "api/trial_attempts.h"

#include <gtest/gtest.h>

#include "api/trial_facts.h"

namespace qalam::api {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'767'261'600);  // 2026-01-01T10:00:00Z

TEST(TrialAttempts, ComeBackAsTheyWereSet) {
  Trial trial;
  EXPECT_EQ(AttemptsOf(trial), TrialAttempts());
  const TrialAttempts attempts{.started = 2,
                               .exit_code = 75,
                               .last_failure = "exit code 75",
                               .next = absl::FromUnixSeconds(1'767'261'600)};
  EXPECT_TRUE(SetAttempts(attempts, trial));
  EXPECT_EQ(AttemptsOf(trial), attempts);
  EXPECT_EQ(trial.metadata.annotations.at("qalam.dev/attempts"), "2");
  EXPECT_EQ(trial.metadata.annotations.at("qalam.dev/next-attempt"), "2026-01-01T10:00:00Z");
  TrialAttempts with_fraction = attempts;
  *with_fraction.next += absl::Milliseconds(300);
  EXPECT_FALSE(SetAttempts(with_fraction, trial));
}

TEST(TrialAttempts, LeaveNothingBehindAndOthersAlone) {
  Trial trial;
  trial.metadata.annotations = {{"mine", "stays"}};
  EXPECT_TRUE(SetAttempts({.started = 3, .exit_code = 1, .last_failure = "exit code 1"}, trial));
  EXPECT_TRUE(SetAttempts({}, trial));
  EXPECT_EQ(trial.metadata.annotations, (StringMap{{"mine", "stays"}}));
}

TEST(TrialAttempts, TakeWhatCannotBeReadAsAbsent) {
  Trial trial;
  trial.metadata.annotations = {
      {"qalam.dev/attempts", "many"}, {"qalam.dev/exit-code", "x"}, {"qalam.dev/next-attempt", "soon"}};
  EXPECT_EQ(AttemptsOf(trial), TrialAttempts());
}

TEST(FailureReason, IsTheJobsOfATrialThatHasFailed) {
  Trial trial;
  EXPECT_EQ(FailureReason(trial), "");
  SetCondition(trial.status.conditions, "Succeeded", true, "TrialSucceeded. Job reason: Fine", "", kNow);
  EXPECT_EQ(FailureReason(trial), "");
  SetCondition(trial.status.conditions, "Failed", true, "TrialFailed. Job reason: Infeasible", "", kNow);
  EXPECT_EQ(FailureReason(trial), kReasonInfeasible);
  EXPECT_EQ(JobReason({.type = "Failed", .status = "True", .reason = "TrialFailed"}), "");
}

}  // namespace
}  // namespace qalam::api
