#include "apiserver/resource_type.h"
#include "apiserver/train_job_projection.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kGroup = "trainer.kubeflow.org", kVersion = "v1alpha1";

const Column kAge{.name = "Age", .type = "date", .path = ".metadata.creationTimestamp"};

}  // namespace

std::vector<ResourceType> TrainerTypes() {
  return {{.group = kGroup,
           .version = kVersion,
           .plural = "clustertrainingruntimes",
           .singular = "clustertrainingruntime",
           .kind = "ClusterTrainingRuntime",
           .namespaced = false,
           .stored = api::Kind::kClusterTrainingRuntime,
           .columns = {kAge}},
          {.group = kGroup,
           .version = kVersion,
           .plural = "optimizationjobs",
           .singular = "optimizationjob",
           .kind = "OptimizationJob",
           .has_status = true,
           .stored = api::Kind::kOptimizationJob,
           .categories = {"all", "kubeflow"},
           .columns = {{.name = "State", .path = ".status.conditions[-1:].type"},
                       {.name = "Trials", .type = "integer", .path = ".spec.numTrials"},
                       {.name = "Best", .path = ".status.result.trainJobName"},
                       kAge}},
          {.group = kGroup,
           .version = kVersion,
           .plural = "trainingruntimes",
           .singular = "trainingruntime",
           .kind = "TrainingRuntime",
           .stored = api::Kind::kTrainingRuntime,
           .columns = {kAge}},
          {.group = kGroup,
           .version = kVersion,
           .plural = "trainjobs",
           .singular = "trainjob",
           .kind = "TrainJob",
           .has_status = true,
           .writable = Writable::kNo,
           .stored = api::Kind::kTrial,
           .projection = TrialTrainJobs,
           .columns = {{.name = "State", .text = TrainJobState}, kAge}}};
}

}  // namespace qalam::apiserver
