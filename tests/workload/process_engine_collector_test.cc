// A collector that runs beside the trial: when it starts, when it is told to end, and what its end means.
#include "process_engine_fixture.h"
#include "workload/trial_run.h"

namespace qalam::workload {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

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

}  // namespace
}  // namespace qalam::workload
