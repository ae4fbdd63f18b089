// The methods of api.v1.beta1.DBManager where there are many callers.
#pragma once

#include <vector>

#include "api/resource_store.h"
#include "server/call_queue.h"
#include "server/unary_service.h"
#include "server/worker_pool.h"

namespace qalam::db {
class ObservationLog;
}

namespace qalam::server {

/// Reports wait for the disk without a thread of their own: those that come while others are written are
/// committed together. `reports` bounds how many there are. All else runs in `pool`. Who reads a trial of
/// `store` by its name gets what is kept under its uid, unless several namespaces have one of that name. The
/// four outlive the methods.
std::vector<UnaryMethod> ObservationMethods(db::ObservationLog& log, const api::ResourceStore& store,
                                            CallQueue& reports, WorkerPool& pool);

}  // namespace qalam::server
