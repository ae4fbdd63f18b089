// Why a trial that has ended has no usable objective, in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/trial.h"
#include "metrics/metrics_collection.h"

namespace qalam::controller {

/// `address`: where the trial could report by itself. `collector_end`: see workload::RunState.
std::string MissingMetricsText(const api::Trial& trial, const metrics::CollectionSummary& summary,
                               const std::optional<api::Observation>& observation, std::string_view address,
                               std::string_view collector_end);

}  // namespace qalam::controller
