// ProcessEngine, launcher and real programs together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/asio_event_loop.h"
#include "temporary_directory.h"
#include "workload/launcher_runner.h"
#include "workload/process_engine.h"
#include "workload/trial_template.h"

namespace qalam::workload {
namespace {

using testing::HasSubstr;

class ProcessEngineRun : public testing::Test {
 protected:
  void SetUp() override {
    auto launcher = Launcher::Start({.lock_file = root / "launcher.lock"});
    ASSERT_TRUE(launcher.ok()) << launcher.status();
    ProcessEngineOptions options;
    options.root = root.path();
    options.base_directory = root.path();
    options.environment = {"PATH=/usr/bin:/bin", "INHERITED=yes"};
    engine = std::make_unique<ProcessEngine>(
        loop, std::make_unique<LauncherRunner>(loop, *std::move(launcher)), options);
    engine->SetChangeHandler([this](const TrialRef&) { loop.Stop(); });
  }

  static TrialRef Ref(const std::string& name) { return {.namespace_name = "ns", .name = name, .uid = "u"}; }

  absl::Status Launch(const std::string& trial, const std::string& spec,
                      const std::string& metrics_file = "") {
    LaunchRequest request;
    request.trial = Ref(trial);
    request.experiment = "exp";
    request.run_spec.text = spec;
    request.primary_container = "main";
    request.metrics_file = metrics_file;
    return engine->Launch(request);
  }

  RunState AwaitEnd(const std::string& trial) {
    bool late = false;
    const EventLoop::TimerId timer = loop.PostAfter(absl::Seconds(60), [&] {
      late = true;
      loop.Stop();
    });
    while (engine->Observe(Ref(trial)).phase <= RunPhase::kRunning && !late) loop.Run();
    loop.Cancel(timer);
    return engine->Observe(Ref(trial));
  }

  const TemporaryDirectory root;
  AsioEventLoop loop;
  std::unique_ptr<ProcessEngine> engine;
};

TEST_F(ProcessEngineRun, RunsARenderedJobWithInitContainerAndSidecar) {
  api::TrialTemplate trial_template;
  trial_template.trial_parameters = {{"rate", "", "lr"}};
  const auto spec = RenderRunSpec(R"j({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{
      "initContainers":[{"name":"prepare","command":["sh","-c","echo preparing; echo data > data.txt"]}],
      "containers":[
        {"name":"side","command":["sh","-c","echo beside; touch side-runs; sleep 1000"]},
        {"name":"main","image":"any","env":[{"name":"LR","value":"${trialParameters.rate}"}],
         "command":["sh","-c","while ! [ -e side-runs ]; do sleep 0.01; done; cat data.txt; echo lr=$LR slot=$0 $INHERITED; echo loss=0.5 > /katib/m.log"],
         "args":["$(QALAM_SLOT)"]}]}}}})j",
                                  trial_template, {{"lr", "0.1 \"x\""}}, "t", "ns");
  ASSERT_TRUE(spec.ok()) << spec.status();
  ASSERT_TRUE(Launch("t", spec->text, "/katib/m.log").ok());
  const RunState state = AwaitEnd("t");
  EXPECT_EQ(state.phase, RunPhase::kSucceeded) << state.message;
  EXPECT_EQ(ReadFile(root / "ns/exp/t/output.log"), "data\nlr=0.1 \"x\" slot=0 yes\n");
  EXPECT_EQ(ReadFile(root / "ns/exp/t/prepare.log"), "preparing\n");
  EXPECT_EQ(ReadFile(root / "ns/exp/t/side.log"), "beside\n");
  EXPECT_EQ(ReadFile(root / "ns/exp/t/m.log"), "loss=0.5\n");
}

TEST_F(ProcessEngineRun, SaysInTheLogWhyAProgramDidNotStart) {
  ASSERT_TRUE(
      Launch("t", R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["pyhton"]}})").ok());
  const RunState state = AwaitEnd("t");
  EXPECT_EQ(state.phase, RunPhase::kFailed);
  EXPECT_EQ(state.exit_code, 127);
  EXPECT_EQ(state.message, "cannot run 'pyhton': No such file or directory");
  EXPECT_THAT(ReadFile(root / "ns/exp/t/output.log"), HasSubstr(state.message));
}

TEST_F(ProcessEngineRun, StopsAtTheDeadline) {
  ASSERT_TRUE(Launch("t", R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["sleep","1000"],
      "timeoutSeconds":1}})")
                  .ok());
  const RunState state = AwaitEnd("t");
  EXPECT_EQ(state.reason, "DeadlineExceeded");
  EXPECT_EQ(state.exit_code, 143);
}

TEST_F(ProcessEngineRun, StopEndsTheProgram) {
  ASSERT_TRUE(
      Launch("t", R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["sleep","1000"]}})")
          .ok());
  engine->Stop(Ref("t"));
  EXPECT_EQ(AwaitEnd("t").phase, RunPhase::kStopped);
}

TEST_F(ProcessEngineRun, RunsTrialsOneAfterAnother) {
  const std::string spec =
      R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["/bin/true"]}})";
  for (int i = 0; i < 200; ++i) {
    const std::string trial = "t-" + std::to_string(i);
    ASSERT_TRUE(Launch(trial, spec).ok());
    ASSERT_EQ(AwaitEnd(trial).phase, RunPhase::kSucceeded);
  }
}

TEST_F(ProcessEngineRun, CopiesACheckpointWhileTheLoopGoesOn) {
  const auto spec = [](const std::string& script) {
    return R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["sh","-c",")" + script +
           R"("]}})";
  };
  ASSERT_TRUE(Launch("a", spec("cd $QALAM_CHECKPOINT_DIR && echo 1 >> epochs")).ok());
  ASSERT_EQ(AwaitEnd("a").phase, RunPhase::kSucceeded);
  absl::Status copied = absl::UnknownError("no answer");
  engine->CopyCheckpoint(Ref("b"), "exp", "a", [&](absl::Status status) {
    copied = std::move(status);
    loop.Stop();
  });
  loop.Run();
  ASSERT_TRUE(copied.ok()) << copied;
  ASSERT_TRUE(Launch("b", spec("cd $QALAM_CHECKPOINT_DIR && echo 2 >> epochs && cat epochs")).ok());
  ASSERT_EQ(AwaitEnd("b").phase, RunPhase::kSucceeded);
  EXPECT_EQ(ReadFile(root / "ns/exp/b/output.log"), "1\n2\n");
  EXPECT_EQ(ReadFile(root / "ns/exp/a/checkpoint/epochs"), "1\n");
}

}  // namespace
}  // namespace qalam::workload
