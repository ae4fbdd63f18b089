// Reads curves of trials for early stopping: from this process's own observation log, or over gRPC from the DBManager that
// the caller names.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "suggestion/curve_source.h"

namespace qalam::db {
class ObservationLog;
}

namespace qalam::server {

struct ObservationCurvesOptions {
  db::ObservationLog* own_log = nullptr;  // outlives what reads it; null: this process serves no DBManager
  std::set<std::string> own_addresses;    // under which own_log is known; an empty address always means it
};

/// An address is HOST:PORT or [IPV6]:PORT, reached in cleartext, as all of Katib is. Of one query at most 8 calls are under
/// way at once; the first error ends it. Connections are kept for the addresses used last.
/// Threads: the result may be called concurrently.
suggestion::ReadCurves NewObservationCurves(ObservationCurvesOptions options);

}  // namespace qalam::server
