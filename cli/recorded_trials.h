// The trials of a stored experiment as a replay takes them.
#pragma once

#include <optional>
#include <vector>

#include "algorithms/search_space.h"
#include "bench/replay_stopping.h"
#include "cli/read_store.h"

namespace qalam::cli {

/// Nothing where a value is missing or outside its parameter's range.
std::optional<algorithms::Point> PointOf(const algorithms::SearchSpace& space, const api::Trial& trial);

/// The finished ones that have started, in the order of their creation, with all they reported. Seconds count from the first
/// start. Reports without a time of their own are spread evenly between the start and the end of their trial. Codes: the store's.
absl::StatusOr<std::vector<bench::RecordedTrial>> RecordedTrials(const ReadStore& store,
                                                                 const algorithms::SearchSpace& space,
                                                                 const std::vector<TrialPtr>& trials);

}  // namespace qalam::cli
