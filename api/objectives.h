// The objectives of an experiment besides its spec's.
#pragma once

#include <vector>

#include "api/experiment.h"
#include "base/metric_directions.h"

namespace qalam::api {

/// The metrics that qalam.dev/objectives makes objectives too. Empty without it, and where it cannot be read, of which
/// the suggestion service complains.
std::vector<MetricDirection> FurtherObjectives(const Experiment& experiment);

}  // namespace qalam::api
