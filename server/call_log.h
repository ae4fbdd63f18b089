// A line of the log for each call.
#pragma once

#include "server/log.h"
#include "server/unary_service.h"

namespace qalam::server {

/// Level error for failures of ours (INTERNAL, UNKNOWN, DATA_LOSS), debug for reports that were stored, of which there
/// are many, info for all else. Long texts are cut. Threads: any.
void WriteCall(Log& log, absl::Time now, const CallRecord& record);

}  // namespace qalam::server
