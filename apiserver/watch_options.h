// What a watch may be told.
#pragma once

#include "apiserver/watch_service.h"
#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

/// All but the format, from the query: resourceVersion, resourceVersionMatch, allowWatchBookmarks,
/// sendInitialEvents, timeoutSeconds (a year at most). Failure 400 for values that cannot be read, 422 for
/// combinations that Kubernetes refuses.
absl::StatusOr<WatchOptions> ReadWatchOptions(const http::Query& query);

}  // namespace qalam::apiserver
