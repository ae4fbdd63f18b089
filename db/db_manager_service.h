// The gRPC service api.v1.beta1.DBManager with gRPC's blocking classes.
#pragma once

#include <memory>

#include "db/observation_log.h"

namespace grpc {
class Service;
}

namespace qalam::db {

/// Serves `log`, which outlives the service; see db_manager_calls.h for what is answered.
std::unique_ptr<grpc::Service> NewDbManagerService(ObservationLog& log);

}  // namespace qalam::db
