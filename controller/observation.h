// From the rows of the observation log to what a trial has achieved.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/trial.h"
#include "base/status.h"
#include "proto/api.pb.h"

namespace qalam::controller {

inline constexpr std::string_view kUnavailable = "unavailable";

/// One entry per metric strategy of the objective, in their order: the smallest and largest numeric value and the
/// newest one, as the texts that were reported; "unavailable" where there is none. Non-numeric text counts for `latest`
/// only; of rows with equal times the later one is the newest. Nothing when the log has no rows.
/// INVALID_ARGUMENT: a time stamp that is not RFC 3339.
absl::StatusOr<std::optional<api::Observation>> Summarise(const ::api::v1::beta1::ObservationLog& log,
                                                          const api::ObjectiveSpec& objective);

/// The text that counts for a metric: by its strategy, `latest` where min or max is unavailable. Empty when the metric
/// has no strategy or no entry.
std::string_view MetricText(const api::Observation& observation, const api::ObjectiveSpec& objective,
                            std::string_view metric);

/// The objective's value, if it is a finite number.
std::optional<double> ObjectiveValue(const api::Observation& observation,
                                     const api::ObjectiveSpec& objective);

}  // namespace qalam::controller
