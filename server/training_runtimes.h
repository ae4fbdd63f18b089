// What clients of Kubeflow Trainer expect to find.
#pragma once

#include "api/resource_store.h"

namespace qalam::server {

/// Creates the runtimes of api::BuiltInRuntimes() that are not stored, and in namespace kubeflow-system the
/// ConfigMap kubeflow-trainer-public, which tells Kubeflow's SDK the version of Trainer whose kinds are
/// served. What is there stays as it is.
absl::Status EnsureTrainingRuntimes(api::ResourceStore& store);

}  // namespace qalam::server
