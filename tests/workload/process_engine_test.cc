// The life of trials: containers, names, slots, environment and files.
#include "process_engine_fixture.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
                          "QALAM_CHECKPOINT_DIR=" + (root / "ns/exp/t/checkpoint"), "QALAM_EXPERIMENT=exp",
                          "QALAM_SLOT=0", "QALAM_TRIAL_DIR=" + (root / "ns/exp/t"), "QALAM_TRIAL_NAME=t"));
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
