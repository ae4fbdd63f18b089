#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/codec.h"
#include "api/train_job.h"
#include "fmt/format.h"
#include "workload/run_plan.h"

namespace qalam::workload {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string BuiltIn(std::string_view name) {
  for (const api::ClusterTrainingRuntime& runtime : api::BuiltInRuntimes()) {
    if (runtime.metadata.name == name) return api::ToJson(runtime);
  }
  return "";
}

// A TrainJob with this trainer; `spec` is added to its spec.
absl::StatusOr<RunPlan> Read(std::string_view trainer, const std::string& runtime,
                             std::string_view spec = "") {
  PlanInputs inputs;
  inputs.trial_name = "t-1";
  inputs.namespace_name = "ns";
  inputs.primary_container = "node";
  inputs.runtime = runtime;
  const std::string job = fmt::format(
      R"({{"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob","spec":{{"runtimeRef":{{"name":"r"}},"trainer":{{{}}}{}}}}})",
      trainer, spec);
  return ReadRunPlan(job, inputs);
}

std::string Error(const absl::StatusOr<RunPlan>& plan) {
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument) << plan.status();
  return std::string(plan.status().message());
}

TEST(TrainJobPlan, RunsTheTrainersCommandInTheTrialsDirectory) {
  const auto plan = Read(
      R"j("command":["run"],"args":["--lr=$(LR)"],"env":[{"name":"LR","value":"0.1"}],"resourcesPerNode":{"limits":{"cpu":"2"}})j",
      BuiltIn("plain"), R"(,"activeDeadlineSeconds":60)");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->primary.name, "node");
  EXPECT_THAT(plan->primary.argv, ElementsAre("run", "--lr=0.1"));
  EXPECT_THAT(plan->primary.environment, ElementsAre(Pair("LR", "0.1")));
  EXPECT_EQ(plan->primary.limits.cpus, 2);
  EXPECT_EQ(plan->deadline, absl::Seconds(60));
  EXPECT_TRUE(plan->in_own_directory);
  EXPECT_THAT(plan->ignored, ElementsAre("image"));
}

TEST(TrainJobPlan, FillsFromTheRuntimeWhatTheTrainerLeavesOut) {
  const std::string runtime =
      R"j({"kind":"TrainingRuntime","spec":{"mlPolicy":{"numNodes":1},"template":{"spec":{"replicatedJobs":[
        {"name":"other","template":{}},
        {"name":"workers","template":{"metadata":{"labels":{"trainer.kubeflow.org/trainjob-ancestor-step":"trainer"}},
         "spec":{"parallelism":4,"completions":4,"backoffLimit":3,"template":{"spec":{"containers":[
          {"name":"node","command":["train"],"args":["--a"],"workingDir":"/w","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}]}}}}}]}}}})j";
  const auto plan = Read(R"("args":["--b"],"env":[{"name":"A","value":"9"}])", runtime);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.argv, ElementsAre("train", "--b"));
  EXPECT_THAT(plan->primary.environment, ElementsAre(Pair("B", "2"), Pair("A", "9")));
  EXPECT_EQ(plan->primary.working_dir, "/w");
  EXPECT_EQ(plan->retries, 3);
}

TEST(TrainJobPlan, TellsTorchrunOfOneNodeWithTheProcessesOfAll) {
  const auto plan =
      Read(R"("command":["torchrun","a.py"],"numNodes":2,"numProcPerNode":3)", BuiltIn("torch-distributed"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.environment,
              ElementsAre(Pair("PET_NNODES", "1"), Pair("PET_NPROC_PER_NODE", "6"),
                          Pair("PET_NODE_RANK", "0"), Pair("PET_STANDALONE", "1")));
  const auto own =
      Read(R"("command":["a"],"numProcPerNode":"auto","env":[{"name":"PET_STANDALONE","value":"0"}])",
           BuiltIn("torch-distributed"));
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_THAT(own->primary.environment, Contains(Pair("PET_STANDALONE", "0")));
  EXPECT_THAT(own->primary.environment, Contains(Pair("PET_NPROC_PER_NODE", "1")));
}

TEST(TrainJobPlan, NamesTheFieldThatCannotRunHere) {
  const std::string plain = BuiltIn("plain");
  EXPECT_THAT(Error(Read(R"("command":["a"])", "")), HasSubstr("spec.runtimeRef.name: must name"));
  EXPECT_THAT(Error(Read("", plain)), HasSubstr("spec.trainer.command: must be given"));
  EXPECT_THAT(Error(Read(R"("command":["a"],"numNodes":2)", plain)),
              HasSubstr("spec.trainer.numNodes: must be 1"));
  EXPECT_THAT(Error(Read(R"("command":["a"],"numNodes":0)", plain)),
              HasSubstr("spec.trainer.numNodes: must be from 1"));
  EXPECT_THAT(Error(Read(R"("command":["a"],"numProcPerNode":"many")", plain)),
              HasSubstr("spec.trainer.numProcPerNode"));
  EXPECT_THAT(Error(Read(R"("command":["a"])", plain, R"(,"suspend":true)")), HasSubstr("spec.suspend"));
  EXPECT_THAT(Error(Read(R"("command":["a"])", plain, R"(,"initializer":{"model":{}})")),
              HasSubstr("spec.initializer"));
  EXPECT_THAT(Error(Read(R"("command":["a"])", plain, R"(,"runtimePatches":[{"manager":"m"}])")),
              HasSubstr("spec.runtimePatches"));
}

TEST(TrainJobPlan, SurvivesRuntimesOfAnyShape) {
  for (const char* runtime :
       {"{}", R"({"spec":[]})", R"({"spec":{"template":{"spec":{"replicatedJobs":{"a":1}}}}})",
        R"({"spec":{"template":{"spec":{"replicatedJobs":[1,{"name":"node","template":[]}]}}}})",
        R"({"spec":{"mlPolicy":3}})"}) {
    const auto plan = Read(R"("command":["a"])", runtime);
    ASSERT_TRUE(plan.ok()) << runtime << plan.status();
    EXPECT_THAT(plan->primary.argv, ElementsAre("a"));
  }
}

TEST(RuntimeOf, ReadsWhatATrainJobNames) {
  const auto ref = [](std::string_view fields) {
    return api::RuntimeOf({fmt::format(R"({{"kind":"TrainJob","spec":{{"runtimeRef":{{{}}}}}}})", fields)});
  };
  EXPECT_EQ(ref(R"("name":"a")"), (api::RuntimeRef{api::Kind::kClusterTrainingRuntime, "a"}));
  EXPECT_EQ(ref(R"("name":"a","kind":"TrainingRuntime")"),
            (api::RuntimeRef{api::Kind::kTrainingRuntime, "a"}));
  EXPECT_EQ(ref(R"("name":"a","kind":"Other")"), std::nullopt);
  EXPECT_EQ(ref(""), std::nullopt);
  EXPECT_EQ(api::RuntimeOf({R"({"kind":"Job"})"}), std::nullopt);
  EXPECT_EQ(api::RuntimeOf({""}), std::nullopt);
}

}  // namespace
}  // namespace qalam::workload
