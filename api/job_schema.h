// The fields of a Kubernetes batch/v1 Job, as of Kubernetes 1.36. Internal to this room.
#pragma once

#include <span>

#include "api/schema.h"

namespace qalam::api {

/// A whole Job object. Left free-form: selectors, policies, probes, security contexts, affinities, the
/// sources of volumes.
std::span<const SchemaField> JobSchema();

/// A core/v1 Container.
std::span<const SchemaField> ContainerSchema();

}  // namespace qalam::api
