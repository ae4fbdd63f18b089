// Where early-stopping rules get the curves of trials from.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::suggestion {

struct CurveQuery {
  std::string address;  // of the DBManager that has them, "host:port", as the client named it; may be empty
  std::string metric;   // not empty
  std::vector<std::string> trials;       // as DBManager knows them
  int length = 1;                        // how many values of each are wanted, from the first on; >= 1
  absl::Time deadline;                   // not infinite
  std::function<bool()> stop_requested;  // the caller has gone; may be empty
};

/// What a trial reported of the metric, in the order of time, at most `length` values; NaN for a report that is no number.
using Curve = std::vector<double>;

/// One curve per trial of the query, in its order; an empty one for a trial that reported nothing.
/// INVALID_ARGUMENT: the address is none. UNAVAILABLE: nobody answers there. DEADLINE_EXCEEDED, CANCELLED. Otherwise what
/// DBManager answers; messages name the address. Called on the server's threads, concurrently.
using ReadCurves = std::function<absl::StatusOr<std::vector<Curve>>(const CurveQuery& query)>;

}  // namespace qalam::suggestion
