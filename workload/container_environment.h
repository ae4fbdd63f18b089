// The variables that a container of a pod declares. Internal to this room.
#pragma once

#include <map>
#include <string>

#include "workload/run_plan_fields.h"

namespace qalam::workload {

using Variables = std::map<std::string, std::string, std::less<>>;

/// $(NAME) as Kubernetes resolves it.
std::string Expand(std::string_view text, const Variables& variables);

/// Reads envFrom, then env: what a later entry says wins, and it may refer to those before it. `variables`
/// holds what the container has already and gets what it declares; `pod` has the metadata that fieldRef
/// names. Keys of envFrom that cannot be variables are left out, as Kubernetes leaves them out.
///
/// INVALID_ARGUMENT: a field, by its path. FAILED_PRECONDITION: what PlanInputs::data does not have and is
/// not optional, by its name.
absl::StatusOr<Environment> ReadEnvironment(const JsonField& container, const JsonField& pod,
                                            const PlanInputs& inputs, Variables& variables);

}  // namespace qalam::workload
