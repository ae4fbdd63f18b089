// From the rows of the observation log to what a trial has achieved.
#pragma once

#include <optional>

#include "api/trial.h"
#include "base/status.h"
#include "proto/api.pb.h"

namespace qalam::controller {

/// One entry per metric strategy of the objective, in their order: the smallest and largest numeric value and the
/// newest one, as the texts that were reported; "unavailable" where there is none. Non-numeric text counts for `latest`
/// only; of rows with equal times the later one is the newest. Nothing when the log has no rows.
/// INVALID_ARGUMENT: a time stamp that is not RFC 3339.
absl::StatusOr<std::optional<api::Observation>> Summarise(const ::api::v1::beta1::ObservationLog& log,
                                                          const api::ObjectiveSpec& objective);

}  // namespace qalam::controller
