// The fields of a Kubernetes batch/v1 Job, as of Kubernetes 1.36, and of a TrainJob. Internal to this room.
#pragma once

#include <span>

#include "api/schema.h"

namespace qalam::api {

/// A whole Job object. Left free-form: selectors, policies, probes, security contexts, affinities, the
/// sources of volumes.
std::span<const SchemaField> JobSchema();

/// A whole TrainJob object (trainer.kubeflow.org/v1alpha1, as of Trainer 2.3). Left free-form: initializers and patches of the runtime.
std::span<const SchemaField> TrainJobSchema();

/// A core/v1 Container.
std::span<const SchemaField> ContainerSchema();

}  // namespace qalam::api
