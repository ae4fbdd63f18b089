// What a request for logs may be told.
#pragma once

#include "apiserver/pod_logs.h"
#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

/// From the query, in the names of Kubernetes' PodLogOptions. Failure 400 for values that cannot be read, 422 for those out of range.
absl::StatusOr<LogOptions> ReadLogOptions(const http::Query& query);

}  // namespace qalam::apiserver
