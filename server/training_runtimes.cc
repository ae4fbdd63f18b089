#include "server/training_runtimes.h"

#include "api/core.h"
#include "api/plain.h"
#include "api/train_job.h"

namespace qalam::server {
namespace {

constexpr char kSystemNamespace[] = "kubeflow-system";
constexpr char kTrainerVersion[] = "v2.3.0";

absl::Status CreateUnlessThere(api::ResourceStore& store, const api::Resource& resource) {
  const absl::Status status = store.Create(resource).status();
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status EnsureTrainingRuntimes(api::ResourceStore& store) {
  for (const api::ClusterTrainingRuntime& runtime : api::BuiltInRuntimes()) {
    QALAM_RETURN_IF_ERROR(CreateUnlessThere(store, runtime));
  }
  api::Namespace system;
  system.metadata.name = kSystemNamespace;
  QALAM_RETURN_IF_ERROR(CreateUnlessThere(store, system));
  api::ConfigMap version;
  version.metadata.name = "kubeflow-trainer-public";
  version.metadata.namespace_name = kSystemNamespace;
  version.spec.data = {{"kubeflow_trainer_version", kTrainerVersion}};
  return CreateUnlessThere(store, version);
}

}  // namespace qalam::server
