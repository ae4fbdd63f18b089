// The gRPC service api.v1.beta1.DBManager.
#pragma once

#include <memory>

#include "db/observation_log.h"

namespace grpc {
class Service;
}

namespace qalam::db {

/// Serves `log`, which outlives the service. Every rule is the log's; beyond it:
/// a missing observation_log or an empty one is OK; an entry without `metric` is INVALID_ARGUMENT and nothing
/// of the request is stored; observation_log is always present in the reply of GetObservationLog; a reply of
/// more than 256 MiB is refused with RESOURCE_EXHAUSTED.
std::unique_ptr<grpc::Service> NewDbManagerService(ObservationLog& log);

}  // namespace qalam::db
