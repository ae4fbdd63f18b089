// The life of trials on a clock and with programs that the test controls.
#include "workload/process_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_container_runner.h"
#include "fake_event_loop.h"
#include "fmt/format.h"
#include "temporary_directory.h"
#include "workload/trial_run.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class ProcessEngineTest : public testing::Test {
 protected:
  void MakeEngine() {
    auto fake = std::make_unique<FakeContainerRunner>();
    runner = fake.get();
    engine = std::make_unique<ProcessEngine>(loop, std::move(fake), options);
    engine->SetChangeHandler([this](const TrialRef& trial) { changes.push_back(trial.name); });
  }

  void SetUp() override {
    options.root = root.path();
    options.base_directory = "/base";
    options.environment = {"PATH=/bin", "HOME=/h", "bad", "=x"};
    options.notice = [this](const std::string& text) { notices.push_back(text); };
    MakeEngine();
  }

  static TrialRef Ref(const std::string& name) {
    return {.namespace_name = "ns", .name = name, .uid = "u-" + name};
  }

  static LaunchRequest Request(const std::string& trial, const std::string& spec) {
    LaunchRequest request;
    request.trial = Ref(trial);
    request.experiment = "exp";
    request.run_spec.text = spec;
    request.primary_container = "main";
    request.parallel_trial_count = 2;
    return request;
  }

  static std::string Process(const std::string& program, const std::string& more = "") {
    return fmt::format(R"({{"apiVersion":"qalam.dev/v1","kind":"Process","spec":{{"command":["{}"]{}}}}})",
                       program, more);
  }

  // Containers i1, x (sidecar from the start), i2; main, s.
  static std::string Job(const std::string& spec = "", const std::string& pod = "") {
    return fmt::format(R"({{"apiVersion":"batch/v1","kind":"Job","spec":{{"template":{{"spec":{{
        "initContainers":[{{"name":"i1","command":["i1"]}},{{"name":"x","command":["x"],"restartPolicy":"Always"}},
                          {{"name":"i2","command":["i2"]}}],
        "containers":[{{"name":"main","command":["main"]}},{{"name":"s","command":["s"]}}]{}}}}}{}}}}})",
                       pod, spec);
  }

  void Launch(const std::string& trial, const std::string& spec) {
    const absl::Status status = engine->Launch(Request(trial, spec));
    ASSERT_TRUE(status.ok()) << status;
    loop.RunPosted();
  }

  void LaunchWithCollector(const std::string& spec) {
    LaunchRequest request = Request("t", spec);
    request.collector.text = R"({"command":["collect"]})";
    ASSERT_TRUE(engine->Launch(request).ok());
    loop.RunPosted();
  }

  void Exit(const std::string& program, int code) {
    runner->Exit(program, code);
    loop.RunPosted();
  }

  RunState State(const std::string& trial = "t") { return engine->Observe(Ref(trial)); }
  std::vector<std::string> EnvironmentOf(const std::string& program) {
    return runner->running.at(runner->Find(program)).environment;
  }

  const TemporaryDirectory root;
  FakeEventLoop loop;
  ProcessEngineOptions options;
  FakeContainerRunner* runner = nullptr;
  std::unique_ptr<ProcessEngine> engine;
  std::vector<std::string> changes, notices;
};

TEST_F(ProcessEngineTest, RunsAProcessToItsSuccess) {
  EXPECT_EQ(State().phase, RunPhase::kAbsent);
  EXPECT_EQ(engine->Output(Ref("t")).status().code(), absl::StatusCode::kNotFound);
  const absl::Time begin = loop.Now();
  Launch("t", Process("p"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  EXPECT_EQ(State().started, begin);
  EXPECT_THAT(changes, ElementsAre("t"));
  loop.Advance(absl::Seconds(5));
  Exit("p", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_EQ(State().exit_code, 0);
  EXPECT_EQ(State().attempt, 1);
  EXPECT_EQ(State().reason, "");
  EXPECT_EQ(State().message, "");
  EXPECT_EQ(State().finished, begin + absl::Seconds(5));
  EXPECT_THAT(changes, ElementsAre("t", "t"));
}

TEST_F(ProcessEngineTest, LeavesAKnownTrialAloneHoweverItEnded) {
  Launch("t", Process("p"));
  Launch("t", Process("other"));
  Exit("p", 1);
  Launch("t", Process("other"));
  EXPECT_THAT(runner->started, ElementsAre("p"));
  EXPECT_EQ(State().phase, RunPhase::kFailed);
}

TEST_F(ProcessEngineTest, TellsTwoTrialsOfOneNameApartByUid) {
  Launch("t", Process("p"));
  LaunchRequest second = Request("t", Process("q"));
  second.trial.uid = "other";
  ASSERT_TRUE(engine->Launch(second).ok());
  Exit("p", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_EQ(engine->Observe(second.trial).phase, RunPhase::kRunning);
}

TEST_F(ProcessEngineTest, ReportsHowAProgramFailed) {
  const std::vector<std::pair<ContainerExit, std::pair<int, std::string>>> cases = {
      {{.kind = ContainerExit::Kind::kExited, .code = 3}, {3, "exit code 3"}},
      {{.kind = ContainerExit::Kind::kSignalled, .code = 9}, {137, "killed by signal 9 (Killed)"}},
      {{.kind = ContainerExit::Kind::kSignalled, .code = 11},
       {139, "killed by signal 11 (Segmentation fault)"}},
      {{.kind = ContainerExit::Kind::kSignalled, .code = 9, .out_of_memory = true},
       {137, "out of memory: hit its memory limit; killed by signal 9 (Killed)"}},
      {{.kind = ContainerExit::Kind::kSignalled, .code = 9, .machine_out_of_memory = true},
       {137,
        "killed by signal 9 (Killed), while the kernel's out-of-memory killer was at work on this machine"}},
      {{.kind = ContainerExit::Kind::kNotStarted, .code = 127, .message = "cannot run 'p'"},
       {127, "cannot run 'p'"}},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string trial = fmt::format("t-{}", i);
    Launch(trial, Process("p"));
    runner->End("p", cases[i].first);
    EXPECT_EQ(State(trial).phase, RunPhase::kFailed);
    EXPECT_EQ(State(trial).reason, "Error");
    EXPECT_EQ(State(trial).exit_code, cases[i].second.first);
    EXPECT_EQ(State(trial).message, cases[i].second.second);
  }
}

TEST_F(ProcessEngineTest, RunsInitContainersInOrderAndSidecarsBesideThePrimary) {
  Launch("t", Job());
  EXPECT_THAT(runner->started, ElementsAre("i1"));
  EXPECT_EQ(State().phase, RunPhase::kPending);
  Exit("i1", 0);
  EXPECT_THAT(runner->started, ElementsAre("i1", "x", "i2"));
  EXPECT_EQ(State().phase, RunPhase::kPending);
  Exit("i2", 0);
  EXPECT_THAT(runner->started, ElementsAre("i1", "x", "i2", "s", "main"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  Exit("main", 0);
  EXPECT_THAT(runner->stopped, testing::UnorderedElementsAre("x", "s"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  Exit("x", 143);
  Exit("s", 1);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
}

TEST_F(ProcessEngineTest, GoesOnWithoutASidecarThatEnds) {
  Launch("t", Job());
  Exit("i1", 0);
  Exit("x", 1);
  Exit("i2", 0);
  Exit("s", 1);
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  Exit("main", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
}

TEST_F(ProcessEngineTest, ACollectorIsStoppedWhenAllOthersAreGone) {
  LaunchWithCollector(Job());
  Exit("i1", 0);
  Exit("i2", 0);
  EXPECT_THAT(runner->started, ElementsAre("i1", "x", "i2", "s", "collect", "main"));
  Exit("main", 0);
  EXPECT_THAT(runner->stopped, testing::UnorderedElementsAre("x", "s"));
  loop.Advance(absl::Seconds(1));
  Exit("x", 0);
  Exit("s", 0);
  EXPECT_THAT(runner->stopped, testing::UnorderedElementsAre("x", "s", "collect"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  runner->End("collect", {.kind = ContainerExit::Kind::kSignalled, .code = 15});
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_EQ(State().collector_end, "");
}

TEST_F(ProcessEngineTest, AStopReachesTheCollectorLast) {
  LaunchWithCollector(Process("p"));
  engine->Stop(Ref("t"));
  engine->Stop(Ref("t"));
  EXPECT_EQ(runner->stopped.back(), "p");
  loop.Advance(absl::Milliseconds(400));
  Exit("p", 143);
  EXPECT_THAT(runner->stopped, ElementsAre("p"));
  loop.Advance(absl::Milliseconds(600));
  EXPECT_THAT(runner->stopped, ElementsAre("p", "collect"));
  Exit("collect", 0);
  EXPECT_EQ(State().phase, RunPhase::kStopped);
}

TEST_F(ProcessEngineTest, ACollectorThatEndsByItselfIsNotWaitedFor) {
  LaunchWithCollector(Process("p"));
  Exit("p", 0);
  Exit("collect", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  loop.Advance(absl::Seconds(5));
  EXPECT_THAT(runner->stopped, IsEmpty());
}

TEST_F(ProcessEngineTest, GoesOnWithoutItsCollectorAndTellsHowThatEnded) {
  LaunchWithCollector(Process("p"));
  runner->End("collect",
              {.kind = ContainerExit::Kind::kNotStarted, .code = 127, .message = "no such program"});
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  Exit("p", 0);
  EXPECT_EQ(State().phase, RunPhase::kSucceeded);
  EXPECT_EQ(State().collector_end, "no such program");
}

TEST_F(ProcessEngineTest, ACollectorsEndIsToldInWords) {
  using Kind = ContainerExit::Kind;
  EXPECT_EQ(CollectorEnd({.kind = Kind::kExited, .code = 3}, false),
            "exit code 3 while the program still ran");
  EXPECT_EQ(CollectorEnd({.kind = Kind::kExited, .code = 0}, false),
            "exit code 0 while the program still ran");
  EXPECT_EQ(CollectorEnd({.kind = Kind::kExited, .code = 3}, true), "exit code 3");
  EXPECT_EQ(CollectorEnd({.kind = Kind::kExited, .code = 0}, true), "");
  EXPECT_EQ(CollectorEnd({.kind = Kind::kSignalled, .code = 15}, true), "");
  EXPECT_THAT(CollectorEnd({.kind = Kind::kSignalled, .code = 9}, true),
              HasSubstr("within the grace period"));
  EXPECT_THAT(CollectorEnd({.kind = Kind::kSignalled, .code = 11}, false), HasSubstr("signal 11"));
}

TEST_F(ProcessEngineTest, EveryAttemptHasItsCollector) {
  LaunchWithCollector(Process("p", R"(,"retries":1)"));
  Exit("collect", 3);
  Exit("p", 1);
  loop.Advance(absl::Seconds(1));
  EXPECT_THAT(runner->started, ElementsAre("collect", "p", "collect", "p"));
  EXPECT_EQ(State().collector_end, "");
}

TEST_F(ProcessEngineTest, ACollectorKnowsWhereEverythingIs) {
  LaunchRequest request = Request("t", Process("p"));
  request.metrics_file = "/katib/m.log";
  request.environment = {{"QALAM_TOKEN", "secret"}};
  request.collector.text =
      R"j({"name":"c","command":["collect"],"args":["/katib/m.log","$(QALAM_PRIMARY_LOG)"],
           "env":[{"name":"A","value":"b"}]})j";
  ASSERT_TRUE(engine->Launch(request).ok());
  const std::string directory = root / "ns/exp/t";
  const std::vector<std::string> environment = EnvironmentOf("collect");
  for (const std::string& variable :
       {"QALAM_PRIMARY_LOG=" + directory + "/output.log", std::string("QALAM_PRIMARY_LOG_OFFSET=0"),
        std::string("QALAM_TOKEN=secret"), std::string("QALAM_TRIAL_NAME=t"), std::string("A=b"),
        "QALAM_METRICS_FILE=" + directory + "/m.log"}) {
    EXPECT_THAT(environment, Contains(variable));
  }
  EXPECT_THAT(runner->running.at(runner->Find("collect")).argv,
              ElementsAre("collect", directory + "/m.log", directory + "/output.log"));
  EXPECT_THAT(EnvironmentOf("p"), Contains("QALAM_TOKEN=secret"));
  EXPECT_THAT(EnvironmentOf("p"), Not(Contains(StartsWith("QALAM_PRIMARY_LOG"))));
  EXPECT_EQ(engine->Output(Ref("t"))->collector_log_file, directory + "/c.log");
}

TEST_F(ProcessEngineTest, ACollectorThatCannotRunIsRefusedByItsField) {
  const auto refusal = [&](const std::string& collector) {
    LaunchRequest request = Request("t", Job());
    request.collector.text = collector;
    const absl::Status status = engine->Launch(request);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal(R"({"name":"c","image":"i"})"), HasSubstr("customCollector.command"));
  EXPECT_THAT(refusal(R"({"name":"main","command":["c"]})"), HasSubstr("customCollector.name"));
  EXPECT_THAT(refusal("7"), HasSubstr("customCollector: must be a container"));
  EXPECT_THAT(runner->started, IsEmpty());
}

TEST_F(ProcessEngineTest, FailsTheAttemptWithItsInitContainer) {
  Launch("t", Job());
  Exit("i1", 0);
  Exit("i2", 4);
  EXPECT_THAT(runner->stopped, ElementsAre("x"));
  Exit("x", 143);
  EXPECT_EQ(State().phase, RunPhase::kFailed);
  EXPECT_EQ(State().message, "init container 'i2': exit code 4");
  EXPECT_EQ(State().exit_code, std::nullopt);
  EXPECT_THAT(runner->started, Not(Contains("main")));
}

TEST_F(ProcessEngineTest, WritesEachContainersOutputToItsOwnFile) {
  Launch("t", Job());
  EXPECT_EQ(runner->running.at(runner->Find("i1")).output_file, root / "ns/exp/t/i1.log");
  Exit("i1", 0);
  Exit("i2", 0);
  EXPECT_EQ(runner->running.at(runner->Find("main")).output_file, root / "ns/exp/t/output.log");
  EXPECT_EQ(runner->running.at(runner->Find("s")).output_file, root / "ns/exp/t/s.log");
}

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

TEST_F(ProcessEngineTest, RemoveForgetsAtOnceAndFreesTheNameWhenTheProgramIsGone) {
  Launch("t", Process("p"));
  engine->Remove(Ref("t"));
  EXPECT_EQ(State().phase, RunPhase::kAbsent);
  EXPECT_THAT(runner->stopped, ElementsAre("p"));
  EXPECT_FALSE(engine->Output(Ref("t")).ok());
  EXPECT_EQ(engine->Launch(Request("t", Process("q"))).code(), absl::StatusCode::kUnavailable);
  changes.clear();
  Exit("p", 143);
  EXPECT_THAT(changes, ElementsAre("t"));
  Launch("t", Process("q"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  Exit("q", 0);
  engine->Remove(Ref("t"));
  EXPECT_EQ(State().phase, RunPhase::kAbsent);
  EXPECT_TRUE(fs::exists(root / "ns/exp/t"));
}

TEST_F(ProcessEngineTest, DeletesFilesOnlyOfTrialsThatHaveEnded) {
  Launch("t", Process("p"));
  EXPECT_EQ(engine->DeleteFiles(Ref("t"), "exp").code(), absl::StatusCode::kFailedPrecondition);
  engine->Remove(Ref("t"));
  EXPECT_TRUE(engine->DeleteFiles(Ref("t"), "exp").ok());
  EXPECT_TRUE(fs::exists(root / "ns/exp/t"));
  Exit("p", 143);
  EXPECT_FALSE(fs::exists(root / "ns"));
  EXPECT_TRUE(engine->DeleteFiles(Ref("t"), "exp").ok());
  EXPECT_EQ(engine->DeleteFiles(Ref(".."), "exp").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ProcessEngineTest, GivesTheSmallestFreeSlotUntilATrialEnds) {
  Launch("a", Process("pa"));
  Launch("b", Process("pb", R"(,"retries":1)"));
  EXPECT_THAT(EnvironmentOf("pa"), Contains("QALAM_SLOT=0"));
  EXPECT_THAT(EnvironmentOf("pb"), Contains("QALAM_SLOT=1"));
  Exit("pa", 0);
  Launch("c", Process("pc"));
  EXPECT_THAT(EnvironmentOf("pc"), Contains("QALAM_SLOT=0"));
  Exit("pb", 1);
  Launch("d", Process("pd"));
  EXPECT_THAT(EnvironmentOf("pd"), Contains("QALAM_SLOT=2"));
  loop.Advance(absl::Seconds(1));
  EXPECT_THAT(EnvironmentOf("pb"), Contains("QALAM_SLOT=1"));
}

TEST_F(ProcessEngineTest, FreesTheSlotOfALaunchThatFails) {
  EXPECT_EQ(engine->Launch(Request("bad", "{}")).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(State("bad").phase, RunPhase::kAbsent);
  Launch("t", Process("p"));
  EXPECT_THAT(EnvironmentOf("p"), Contains("QALAM_SLOT=0"));
}

TEST_F(ProcessEngineTest, BuildsTheEnvironmentFromTheInheritedTheEnginesAndTheContainers) {
  Launch("t", Process("p", R"(,"env":{"HOME":"/other","LR":"0.1"})"));
  EXPECT_THAT(EnvironmentOf("p"),
              ElementsAre("HOME=/other", "KATIB_TRIAL_NAME=t", "LR=0.1", "PATH=/bin", "PYTHONUNBUFFERED=1",
                          "QALAM_EXPERIMENT=exp", "QALAM_SLOT=0", "QALAM_TRIAL_DIR=" + (root / "ns/exp/t"),
                          "QALAM_TRIAL_NAME=t"));
}

TEST_F(ProcessEngineTest, KeepsAnInheritedPythonSetting) {
  options.environment = {"PYTHONUNBUFFERED="};
  MakeEngine();
  Launch("t", Process("p"));
  EXPECT_THAT(EnvironmentOf("p"), Contains("PYTHONUNBUFFERED="));
}

TEST_F(ProcessEngineTest, SplitsGpusOverTheSlotsOfTheExperiment) {
  options.gpus = {"0", "1", "2", "3"};
  MakeEngine();
  Launch("a", Process("pa"));
  Launch("b", Process("pb"));
  EXPECT_THAT(EnvironmentOf("pa"), Contains("CUDA_VISIBLE_DEVICES=0,1"));
  EXPECT_THAT(EnvironmentOf("pb"), Contains("CUDA_VISIBLE_DEVICES=2,3"));
}

TEST_F(ProcessEngineTest, GivesEachTrialItsOwnMetricsFile) {
  LaunchRequest request =
      Request("t", R"j({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{"containers":[
      {"name":"main","command":["main","--log=/katib/m.log","$(QALAM_METRICS_FILE)","$(DIR)/m.log"],
       "env":[{"name":"DIR","value":"/katib"}]}]}}}})j");
  request.metrics_file = "/katib/m.log";
  ASSERT_TRUE(engine->Launch(request).ok());
  const std::string real = root / "ns/exp/t/m.log";
  EXPECT_THAT(runner->running.at(runner->Find("main")).argv,
              ElementsAre("main", "--log=" + real, real, real));
  EXPECT_THAT(EnvironmentOf("main"), Contains("QALAM_METRICS_FILE=" + real));
  EXPECT_EQ(engine->Output(request.trial)->metrics_file, real);
  EXPECT_EQ(engine->Output(request.trial)->log_file, root / "ns/exp/t/output.log");
  EXPECT_EQ(engine->Output(request.trial)->directory, root / "ns/exp/t");
}

TEST_F(ProcessEngineTest, GivesEachTrialItsOwnMetricsDirectoryEmptyForEachAttempt) {
  LaunchRequest request = Request(
      "t",
      R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["p","--dir=/logs/train"],"retries":1}})");
  request.metrics_directory = "/logs";
  ASSERT_TRUE(engine->Launch(request).ok());
  const std::string real = root / "ns/exp/t/logs";
  EXPECT_THAT(runner->running.at(runner->Find("p")).argv, ElementsAre("p", "--dir=" + real + "/train"));
  EXPECT_THAT(EnvironmentOf("p"), Contains("QALAM_METRICS_DIR=" + real));
  EXPECT_EQ(engine->Output(request.trial)->metrics_directory, real);
  EXPECT_TRUE(fs::is_empty(real));
  WriteFile(real + "/old", "");
  Exit("p", 1);
  loop.Advance(absl::Seconds(1));
  EXPECT_TRUE(fs::is_empty(real));
}

TEST_F(ProcessEngineTest, GivesEachRunningTrialAMetricsPortOfItsOwn) {
  const auto launch = [&](const std::string& name) {
    LaunchRequest request =
        Request(name, R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":[")" + name +
                          R"(","--port=9000"]}})");
    request.metrics_port = 9000;
    EXPECT_TRUE(engine->Launch(request).ok());
    return engine->Output(request.trial)->metrics_port;
  };
  EXPECT_EQ(launch("a"), 9000);
  EXPECT_EQ(launch("b"), 9001);
  EXPECT_THAT(runner->running.at(runner->Find("b")).argv, ElementsAre("b", "--port=9001"));
  EXPECT_THAT(EnvironmentOf("b"), Contains("QALAM_METRICS_PORT=9001"));
  Exit("a", 0);
  EXPECT_EQ(engine->Output(Ref("a"))->metrics_port, 9000);
  EXPECT_EQ(launch("c"), 9000);
}

TEST_F(ProcessEngineTest, WaitsWhenThereIsNoPortLeft) {
  LaunchRequest request = Request("a", Process("a"));
  request.metrics_port = 65535;
  ASSERT_TRUE(engine->Launch(request).ok());
  request.trial = Ref("b");
  EXPECT_EQ(engine->Launch(request).code(), absl::StatusCode::kResourceExhausted);
  Exit("a", 0);
  EXPECT_TRUE(engine->Launch(request).ok());
}

TEST_F(ProcessEngineTest, TakesAWorkingDirectoryRelativeToTheBase) {
  Launch("a", Process("pa"));
  Launch("b", Process("pb", R"(,"workingDir":"sub/dir")"));
  Launch("c", Process("pc", R"(,"workingDir":"/abs")"));
  EXPECT_EQ(runner->running.at(runner->Find("pa")).working_dir, "/base");
  EXPECT_EQ(runner->running.at(runner->Find("pb")).working_dir, "/base/sub/dir");
  EXPECT_EQ(runner->running.at(runner->Find("pc")).working_dir, "/abs");
}

TEST_F(ProcessEngineTest, TellsOnceWhatHasNoEffectHere) {
  const std::string job = R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{"containers":[
      {"name":"main","image":"i","command":["main"],"resources":{"limits":{"cpu":1}}}]}}}})";
  Launch("a", job);
  Launch("b", job);
  EXPECT_THAT(notices, ElementsAre(HasSubstr("images are not used"), HasSubstr("no writable cgroup")));
}

TEST_F(ProcessEngineTest, ALostTrialIsAbsentAndCanBeLaunchedAgain) {
  Launch("t", Job());
  Exit("i1", 0);
  Exit("i2", 0);
  changes.clear();
  runner->End("main", {.kind = ContainerExit::Kind::kLost});
  EXPECT_THAT(runner->stopped, testing::UnorderedElementsAre("x", "s"));
  Exit("x", 0);
  Exit("s", 0);
  EXPECT_EQ(State().phase, RunPhase::kAbsent);
  EXPECT_THAT(changes, ElementsAre("t"));
  Launch("t", Process("p"));
  EXPECT_EQ(State().phase, RunPhase::kRunning);
  EXPECT_THAT(EnvironmentOf("p"), Contains("QALAM_SLOT=0"));
}

TEST_F(ProcessEngineTest, LaunchIsUnavailableWhenNothingCanBeStarted) {
  runner->broken = true;
  EXPECT_EQ(engine->Launch(Request("t", Process("p"))).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(State().phase, RunPhase::kAbsent);
}

TEST_F(ProcessEngineTest, ATrialThatCannotBeRetriedIsLost) {
  Launch("t", Process("p", R"(,"retries":1)"));
  Exit("p", 1);
  runner->broken = true;
  loop.Advance(absl::Seconds(1));
  EXPECT_EQ(State().phase, RunPhase::kAbsent);
}

TEST_F(ProcessEngineTest, SaysWhenTheDirectoryCannotBeMade) {
  WriteFile(root / "ns", "a file in the way");
  const absl::Status status = engine->Launch(Request("t", Process("p")));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(root / "ns/exp/t"));
}

TEST_F(ProcessEngineTest, CallsNoHandlerAfterItsEnd) {
  Launch("t", Process("p"));
  Launch("lost", Process("q"));
  runner->Exit("p", 0);
  runner->End("q", {.kind = ContainerExit::Kind::kLost});
  changes.clear();
  engine.reset();
  loop.RunPosted();
  loop.Advance(absl::Hours(1));
  EXPECT_THAT(changes, IsEmpty());
}

}  // namespace
}  // namespace qalam::workload
