// The whole program without its command line: real processes, real database, real in-process gRPC.
#include "server/runtime.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "api/trial.h"

namespace qalam::server {
namespace {

class RuntimeTest : public testing::Test {
 protected:
  RuntimeTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qalam-runtime-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~RuntimeTest() override { std::filesystem::remove_all(directory_); }

  // A launcher is forked, which wants a process with one thread: each test runs in a process of its own under ctest, and
  // creates one runtime at a time.
  std::unique_ptr<Runtime> Create() {
    auto runtime = Runtime::Create({.data_directory = directory_,
                                    .base_directory = directory_,
                                    .environment = {"PATH=/usr/bin:/bin"},
                                    .only = api::ObjectKey{"default", "tune"}});
    EXPECT_TRUE(runtime.ok()) << runtime.status();
    return *std::move(runtime);
  }

  static api::Experiment MakeExperiment(const std::string& script) {
    api::Experiment experiment;
    experiment.metadata.name = "tune";
    experiment.metadata.namespace_name = "default";
    api::ParameterSpec x{"x", api::ParameterType::kInt, {}};
    x.feasible_space = {.max = "100", .min = "1", .distribution = api::Distribution::kUniform};
    api::ExperimentSpec& spec = experiment.spec;
    spec.parameters = {x};
    spec.objective = api::ObjectiveSpec{.type = api::ObjectiveType::kMinimize,
                                        .objective_metric_name = "loss",
                                        .metric_strategies = {{"loss", api::MetricStrategyType::kMin}}};
    spec.algorithm = api::AlgorithmSpec{"random", {{"seed", "1"}}};
    spec.trial_template = api::TrialTemplate{
        .trial_spec = {R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["sh","-c",")" +
                       script + R"(","${trialParameters.x}"]}})"},
        .trial_parameters = {{"x", "", "x"}},
        .primary_container_name = "main"};
    spec.parallel_trial_count = 2;
    spec.max_trial_count = 4;
    spec.metrics_collector = api::MetricsCollectorSpec{.kind = api::CollectorKind::kStdOut};
    spec.resume_policy = api::ResumePolicy::kNever;
    return experiment;
  }

  // Runs the loop until the experiment is complete.
  static std::shared_ptr<const api::Experiment> Run(Runtime& runtime) {
    std::shared_ptr<const api::Experiment> last;
    runtime.controller().SetChangeHandler([&](const api::ResourcePtr& resource, bool) {
      if (resource->kind() != api::Kind::kExperiment) return;
      last = std::static_pointer_cast<const api::Experiment>(resource);
      if (last->status.completion_time && last->status.running.empty()) runtime.loop().Stop();
    });
    EXPECT_TRUE(runtime.controller().Start().ok());
    runtime.loop().PostAfter(absl::Minutes(2), [&] { runtime.loop().Stop(); });
    runtime.loop().Run();
    return last;
  }

  std::string directory_;
};

TEST_F(RuntimeTest, RunsAnExperimentWithRealProcesses) {
  const std::unique_ptr<Runtime> runtime = Create();
  ASSERT_TRUE(runtime->store().Create(MakeExperiment("echo loss=$0")).ok());
  std::vector<std::string> seen;
  runtime->SetPointHandler(
      [&](const std::string&, const std::string& metric, const std::string&) { seen.push_back(metric); });
  const auto experiment = Run(*runtime);
  ASSERT_NE(experiment, nullptr);
  EXPECT_EQ(experiment->status.succeeded.size(), 4u);
  EXPECT_EQ(seen, (std::vector<std::string>(4, "loss")));
  const api::OptimalTrial& best = experiment->status.current_optimal_trial;
  EXPECT_EQ(best.observation.metrics.at(0).min, best.parameter_assignments.at(0).value);
}

TEST_F(RuntimeTest, AFailedProgramsLastLineIsInTheMessage) {
  const std::unique_ptr<Runtime> runtime = Create();
  ASSERT_TRUE(runtime->store().Create(MakeExperiment("echo no such file; exit 7")).ok());
  const auto experiment = Run(*runtime);
  ASSERT_NE(experiment, nullptr);
  ASSERT_EQ(experiment->status.failed.size(), 4u);
  const auto trial = *api::Get<api::Trial>(runtime->store(), {"default", experiment->status.failed[0]});
  const std::string& message = trial->status.conditions.back().message;
  EXPECT_NE(message.find("exit code 7"), std::string::npos) << message;
  EXPECT_NE(message.find("no such file"), std::string::npos) << message;
}

TEST_F(RuntimeTest, ASecondOneOnTheSameDirectoryIsRefused) {
  const std::unique_ptr<Runtime> runtime = Create();
  const auto second = Runtime::Create({.data_directory = directory_, .base_directory = directory_});
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
}

TEST_F(RuntimeTest, ADirectoryThatCannotBeMadeIsNamed) {
  const auto runtime = Runtime::Create({.data_directory = "/proc/nowhere", .base_directory = directory_});
  EXPECT_FALSE(runtime.ok());
  EXPECT_NE(MessageOf(runtime.status()).find("/proc/nowhere"), std::string_view::npos);
}

}  // namespace
}  // namespace qalam::server
