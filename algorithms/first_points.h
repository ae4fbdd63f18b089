// Points that are tried before the algorithm's own: those enqueued by hand, and the best of earlier experiments.
#pragma once

#include <memory>
#include <string_view>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Settings that come back with Suggestions::settings and stand in Problem::settings from then on: how many of the points
/// enqueued, and how many points of earlier experiments, were handed out.
inline constexpr std::string_view kEnqueuedState = "qalam.dev/enqueued-handed-out";
inline constexpr std::string_view kEarlierState = "qalam.dev/earlier-handed-out";

inline bool IsFirstPointsState(std::string_view name) {
  return name == kEnqueuedState || name == kEarlierState;
}

/// The problem as the algorithm is to see it, without those settings.
Problem WithoutFirstPoints(Problem problem);

/// INVALID_ARGUMENT: more points enqueued than trials allowed; a point that is given twice.
absl::Status ValidateFirstPoints(const Problem& problem);

/// `inner` with, before its points, each of Problem::enqueued once and in order, and then the `best_of_earlier` best points
/// of History::earlier that were not tried here yet, those that keep the constraints on metrics before others. What an
/// enqueued point leaves open is drawn from the declared distribution, by the seed and the point's place, so that the
/// point is the same at every call. All are canonical, and keep the constraints between parameters.
///
/// A point counts as handed out when the state says so, or when the history has a trial with its label or
/// with all its values: so it is not lost with a reply, and not tried again where labels or settings do not
/// come back. Points may be added at the end while the experiment runs. Points of `inner` are counted without
/// these, so it gives those it would have given alone, as far as it does not look at the history.
///
/// Returns `inner` itself where there is nothing to put first. INVALID_ARGUMENT: a seed or a state that is no number.
absl::StatusOr<std::unique_ptr<Algorithm>> PutFirst(const Problem& problem, std::unique_ptr<Algorithm> inner,
                                                    int best_of_earlier);

}  // namespace qalam::algorithms
