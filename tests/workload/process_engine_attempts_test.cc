// Attempts of a trial: further ones, deadlines, and stops that come between.
#include "process_engine_fixture.h"
#include "workload/trial_run.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST_F(ProcessEngineTest, TriesAgainAfterGrowingDelaysUntilTheLimit) {
  Launch("t", Process("p", R"(,"retries":2)"));
  Exit("p", 1);
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  EXPECT_EQ(State().message, "exit code 1 (attempt 1 of 3)");
  loop.Advance(absl::Milliseconds(999));
  EXPECT_EQ(runner->started.size(), 1u);
  loop.Advance(absl::Milliseconds(1));
  EXPECT_EQ(runner->started.size(), 2u);
  EXPECT_EQ(State().attempt, 2);
  EXPECT_EQ(State().message, "");
  Exit("p", 2);
  loop.Advance(absl::Milliseconds(1999));
  EXPECT_EQ(runner->started.size(), 2u);
  loop.Advance(absl::Milliseconds(1));
  EXPECT_EQ(runner->started.size(), 3u);
  Exit("p", 3);
  EXPECT_EQ(State().phase, RunPhase::kFailed);
  EXPECT_EQ(State().reason, "BackoffLimitExceeded");
  EXPECT_EQ(State().message, "exit code 3 (attempt 3 of 3)");
  EXPECT_EQ(State().exit_code, 3);
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(ProcessEngineTest, SucceedsWhenARetryDoes) {
  Launch("t", Process("p", R"(,"retries":1)"));
  Exit("p", 1);
  loop.Advance(absl::Seconds(1));
  Exit("p", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_EQ(State().attempt, 2);
  EXPECT_EQ(State().message, "");
}

TEST_F(ProcessEngineTest, TriesAgainWithoutCountingWhenTheProgramAsksForIt) {
  Launch("t", Process("p", R"(,"retries":1,"requeues":2)"));
  Exit("p", 75);
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  EXPECT_EQ(State().message, "exit code 75, tried again (1 of 2)");
  EXPECT_EQ(State().next_attempt, loop.Now() + absl::Seconds(1));
  loop.Advance(absl::Seconds(1));
  EXPECT_EQ(State().attempt, 2);
  EXPECT_EQ(State().message, "");
  EXPECT_EQ(State().last_failure, "exit code 75");
  EXPECT_EQ(State().next_attempt, absl::InfinitePast());
  Exit("p", 75);
  EXPECT_EQ(State().message, "exit code 75, tried again (2 of 2)");
  loop.Advance(absl::Seconds(2));
  Exit("p", 1);  // the one retry, and a new row of requests
  EXPECT_EQ(State().message, "exit code 1 (attempt 3 of 4)");
  loop.Advance(absl::Seconds(1));
  Exit("p", 75);
  EXPECT_EQ(State().message, "exit code 75, tried again (1 of 2)");
  loop.Advance(absl::Seconds(1));
  Exit("p", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_EQ(State().attempt, 5);
  EXPECT_EQ(State().message, "");
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(ProcessEngineTest, TriesAgainThreeTimesInARowUnlessToldOtherwise) {
  Launch("t", Process("p", R"(,"retries":5)"));
  for (int i = 0; i < 3; ++i) {
    Exit("p", 75);
    ASSERT_EQ(State().phase, RunPhase::kRunning);
    loop.Advance(absl::Minutes(1));
  }
  Exit("p", 75);
  EXPECT_EQ(State().phase, RunPhase::kFailed);
  EXPECT_EQ(State().reason, "TemporaryFailure");
  EXPECT_EQ(State().message, "exit code 75 (tried again 3 times)");
  EXPECT_EQ(State().exit_code, 75);
  EXPECT_EQ(State().attempt, 4);
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(ProcessEngineTest, NeverTriesAgainWhereThatIsRuledOut) {
  Launch("t", Process("p", R"(,"requeues":0)"));
  Exit("p", 75);
  EXPECT_EQ(State().reason, "TemporaryFailure");
  EXPECT_EQ(State().message, "exit code 75");
}

TEST_F(ProcessEngineTest, InfeasibleParametersAreNotTriedAgain) {
  Launch("t", Process("p", R"(,"retries":5)"));
  Exit("p", 65);
  EXPECT_EQ(State().phase, RunPhase::kFailed);
  EXPECT_EQ(State().reason, "Infeasible");
  EXPECT_EQ(State().message, "exit code 65: the parameters are infeasible");
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(ProcessEngineTest, OnlyThePrimaryContainerSpeaksForTheParameters) {
  for (const int code : {65, 75}) {
    const std::string trial = fmt::format("t-{}", code);
    Launch(trial, Job());
    Exit("i1", code);
    EXPECT_EQ(State(trial).reason, "Error");
  }
}

TEST_F(ProcessEngineTest, AStopOrDeadlineEndsATrialThatWaitsForThePromisedAttempt) {
  Launch("stopped", Process("p"));
  Exit("p", 75);
  engine->Stop(Ref("stopped"));
  loop.RunPosted();
  EXPECT_EQ(State("stopped").phase, RunPhase::kStopped);
  Launch("late", Process("p", R"(,"timeoutSeconds":2)"));
  loop.Advance(absl::Milliseconds(1900));
  Exit("p", 75);
  loop.Advance(absl::Milliseconds(100));
  EXPECT_EQ(State("late").reason, "DeadlineExceeded");
}

TEST(RetryDelay, DoublesFromASecondToAMinute) {
  EXPECT_EQ(RetryDelay(1), absl::Seconds(1));
  EXPECT_EQ(RetryDelay(2), absl::Seconds(2));
  EXPECT_EQ(RetryDelay(6), absl::Seconds(32));
  EXPECT_EQ(RetryDelay(7), absl::Seconds(60));
  EXPECT_EQ(RetryDelay(1'000'000), absl::Seconds(60));
}

TEST_F(ProcessEngineTest, BeginsEachAttemptAtTheEndOfTheLogAndWithoutMetricsFile) {
  LaunchRequest request = Request("t", Process("p", R"(,"retries":1)"));
  request.metrics_file = "/katib/m.log";
  ASSERT_TRUE(engine->Launch(request).ok());
  EXPECT_EQ(engine->Output(Ref("t"))->log_offset, 0);
  WriteFile(root / "ns/exp/t/output.log", "12345");
  WriteFile(root / "ns/exp/t/m.log", "old");
  Exit("p", 1);
  EXPECT_EQ(engine->Output(Ref("t"))->log_offset, 0);
  loop.Advance(absl::Seconds(1));
  EXPECT_EQ(engine->Output(Ref("t"))->log_offset, 5);
  EXPECT_FALSE(fs::exists(root / "ns/exp/t/m.log"));
}

TEST_F(ProcessEngineTest, EndsATrialAtItsDeadlineWithoutRetrying) {
  Launch("t", Process("p", R"(,"timeoutSeconds":30,"retries":5)"));
  loop.Advance(absl::Seconds(29));
  EXPECT_THAT(runner->stopped, IsEmpty());
  loop.Advance(absl::Seconds(1));
  EXPECT_THAT(runner->stopped, ElementsAre("p"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  Exit("p", 0);
  EXPECT_EQ(State().phase, RunPhase::kFailed);
  EXPECT_EQ(State().reason, "DeadlineExceeded");
  EXPECT_EQ(State().message, "DeadlineExceeded: ran longer than 30 s");
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(ProcessEngineTest, EndsATrialThatWaitsForARetryAtItsDeadline) {
  Launch("t", Process("p", R"(,"timeoutSeconds":2,"retries":5)"));
  Exit("p", 1);
  loop.Advance(absl::Seconds(1));
  Exit("p", 1);
  loop.Advance(absl::Seconds(1));
  EXPECT_EQ(State().reason, "DeadlineExceeded");
  loop.Advance(absl::Minutes(5));
  EXPECT_EQ(runner->started.size(), 2u);
}

TEST_F(ProcessEngineTest, RetriesAnAttemptThatHitThePodsDeadline) {
  Launch("t", R"({"apiVersion":"batch/v1","kind":"Job","spec":{"backoffLimit":1,"template":{"spec":{
      "activeDeadlineSeconds":10,"containers":[{"name":"main","command":["main"]}]}}}})");
  loop.Advance(absl::Seconds(10));
  EXPECT_THAT(runner->stopped, ElementsAre("main"));
  Exit("main", 143);
  loop.Advance(absl::Seconds(1));
  EXPECT_EQ(State().attempt, 2);
  loop.Advance(absl::Seconds(10));
  Exit("main", 143);
  EXPECT_EQ(State().reason, "BackoffLimitExceeded");
  EXPECT_EQ(State().message, "DeadlineExceeded: ran longer than 10 s (attempt 2 of 2)");
}

TEST_F(ProcessEngineTest, ADeadlineChangesNothingOnceThePrimaryHasSucceeded) {
  Launch("t", R"({"apiVersion":"batch/v1","kind":"Job","spec":{"activeDeadlineSeconds":5,"template":{"spec":{
      "containers":[{"name":"main","command":["main"]},{"name":"s","command":["s"]}]}}}})");
  Exit("main", 0);
  loop.Advance(absl::Seconds(6));
  Exit("s", 137);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
}

TEST_F(ProcessEngineTest, StopIsFinalWhenEverythingIsGone) {
  Launch("t", Job());
  Exit("i1", 0);
  engine->Stop(Ref("t"));
  engine->Stop(Ref("t"));
  EXPECT_THAT(runner->stopped, ElementsAre("x", "i2"));
  Exit("i2", 0);
  EXPECT_EQ(State().phase, RunPhase::kPending);
  EXPECT_THAT(runner->started, Not(Contains("main")));
  changes.clear();
  Exit("x", 0);
  EXPECT_EQ(State().phase, RunPhase::kStopped);
  EXPECT_THAT(changes, ElementsAre("t"));
}

TEST_F(ProcessEngineTest, StopsATrialThatWaitsForARetry) {
  Launch("t", Process("p", R"(,"retries":3)"));
  Exit("p", 1);
  engine->Stop(Ref("t"));
  loop.RunPosted();
  EXPECT_EQ(State().phase, RunPhase::kStopped);
  loop.Advance(absl::Minutes(5));
  EXPECT_EQ(runner->started.size(), 1u);
}

TEST_F(ProcessEngineTest, StopWhileSidecarsEndKeepsAVerdictButAllowsNoRetry) {
  const std::string pod = R"("template":{"spec":{"containers":[{"name":"main","command":["main"]},
      {"name":"s","command":["s"]}]}})";
  Launch("ok", R"({"apiVersion":"batch/v1","kind":"Job","spec":{)" + pod + "}}");
  Exit("main", 0);
  engine->Stop(Ref("ok"));
  Exit("s", 0);
  EXPECT_EQ(State("ok").phase, RunPhase::kSucceeded);
  Launch("final", R"({"apiVersion":"batch/v1","kind":"Job","spec":{)" + pod + "}}");
  Exit("main", 7);
  engine->Stop(Ref("final"));
  Exit("s", 0);
  EXPECT_EQ(State("final").phase, RunPhase::kFailed);
  Launch("retry", R"({"apiVersion":"batch/v1","kind":"Job","spec":{"backoffLimit":2,)" + pod + "}}");
  Exit("main", 7);
  engine->Stop(Ref("retry"));
  Exit("s", 0);
  EXPECT_EQ(State("retry").phase, RunPhase::kStopped);
}

TEST_F(ProcessEngineTest, IgnoresStopOfUnknownAndFinishedTrials) {
  engine->Stop(Ref("unknown"));
  engine->Remove(Ref("unknown"));
  Launch("t", Process("p"));
  Exit("p", 0);
  changes.clear();
  engine->Stop(Ref("t"));
  loop.RunPosted();
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_THAT(changes, IsEmpty());
}

}  // namespace
}  // namespace qalam::workload
