// Carries what collectors have read to DBManager.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "controller/clients.h"
#include "metrics/metrics_collection.h"

namespace qalam::server {

/// Reports carry an id, so that one that is sent again stores nothing twice. `process` tells the batches of this process
/// from those of others. `notice` is told when reports begin to fail, with the cause, and when they succeed
/// again; not of batches that DBManager refuses as INVALID_ARGUMENT, which are the trial's own affair.
/// `services` outlives the sink.
metrics::ReportSink NewReportSink(controller::ServiceDirectory& services, std::uint64_t process,
                                  std::function<void(const std::string&)> notice);

}  // namespace qalam::server
